"""Kubernetes audit policies: checks, verdicts, and simulation on audit logs.

Results are those of the command ``audit-policy``, because the engine is the same.
"""

import json
from dataclasses import dataclass
from typing import Any, Iterable, List, Mapping, Optional, Tuple, Union, cast

import pyarrow as pa

from . import _engine
from ._engine import Policy
from ._errors import PolicyError

__all__ = [
    "Finding",
    "Matcher",
    "Policy",
    "PolicyError",
    "Simulation",
    "Verdict",
    "check",
    "estimate",
    "load",
    "merge",
    "simulate",
]

#: A log as it is stored, possibly compressed; or rows, each with an event as JSON. Of a batch with several columns, rows are in ``value``.
Events = Union[bytes, pa.RecordBatch, pa.Array, Iterable[str]]


@dataclass(frozen=True)
class Finding:
    """A finding about a policy."""

    code: str
    severity: str
    message: str
    line: int
    column: int
    help: str


@dataclass(frozen=True)
class Verdict:
    """Result of a policy for a request."""

    #: Index of the rule from 0; ``None`` if no rule matches.
    rule: Optional[int]
    level: str
    #: Stages that are not logged.
    omit_stages: Tuple[str, ...]
    omit_managed_fields: bool
    #: Line of the rule, from 1.
    line: Optional[int]

    @property
    def stages(self) -> Tuple[str, ...]:
        """Stages that are logged, if the request reaches them."""
        if self.level == "None":
            return ()
        return tuple(stage for stage in _STAGES if stage not in self.omit_stages)


@dataclass(frozen=True)
class Simulation:
    """Results of a policy on events."""

    #: One row an event: the columns of :data:`audit_policy.spark.COLUMNS`.
    events: pa.RecordBatch
    #: Totals, as ``audit-policy simulate --format summary`` prints them, without ``files``.
    totals: "dict[str, Any]"

    def written(self) -> bytes:
        """Return the log as the server would have written it."""
        lines = self.events.column("written").drop_null().to_pylist()
        return "".join(f"{line}\n" for line in lines).encode()


class Matcher:
    """Evaluates requests under a policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def evaluate(self, request: "Mapping[str, Any]") -> Verdict:
        """Return the verdict on a request, which has the keys of ``audit-policy evaluate``."""
        rule, level, omitted, fields, line = self._policy.evaluate(json.dumps(dict(request)))
        return Verdict(rule, level, tuple(omitted), fields, line)


_STAGES = ("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")


def load(text: Union[str, bytes], kubernetes_version: Optional[str] = None) -> Policy:
    """Load a policy as kube-apiserver of a version does; raise :class:`PolicyError` if it rejects the policy."""
    return _engine.load(_bytes(text), kubernetes_version)


def check(text: Union[str, bytes], kubernetes_version: Optional[str] = None) -> List[Finding]:
    """Return all findings about a policy, in the order of the text."""
    return [Finding(*finding) for finding in _engine.check(_bytes(text), kubernetes_version)]


def simulate(events: Events, policy: Policy) -> Simulation:
    """Return the outcome of each event, and totals."""
    if isinstance(events, bytes):
        results, totals = _engine.simulate_bytes(events, policy)
    else:
        results, totals = _engine.simulate_rows(_rows(events), policy)
    return Simulation(pa.record_batch(results), json.loads(totals))


def estimate(events: Events, policy: Policy) -> "dict[str, Any]":
    """Return the sums of events, as ``audit-policy sums`` prints them."""
    sums = _engine.Sums(policy)
    if isinstance(events, bytes):
        sums.add_log(events)
    else:
        sums.add_rows(_rows(events))
    return cast("dict[str, Any]", json.loads(sums.take()))


def merge(parts: "Iterable[Mapping[str, Any]]", logs: int = 0) -> "dict[str, Any]":
    """Add sums, as ``audit-policy merge`` does, and a number of logs that none of them counts."""
    merged = _engine.merge_sums([json.dumps(dict(part)) for part in parts], logs)
    return cast("dict[str, Any]", json.loads(merged))


def _bytes(text: Union[str, bytes]) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _rows(events: "Union[pa.RecordBatch, pa.Array, Iterable[str]]") -> Any:
    if isinstance(events, pa.RecordBatch):
        return events.column(0 if events.num_columns == 1 else "value")
    if isinstance(events, pa.Array):
        return events
    return pa.array(list(cast("Iterable[str]", events)), pa.large_string())
