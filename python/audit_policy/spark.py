"""The policy on Spark: the engine in the Python process of each executor, on Arrow batches."""

import json
from typing import Any, Dict, Iterator, Optional, Sequence, cast

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from . import _engine
from ._engine import Policy

#: Columns that :func:`simulate` returns, with their types in Spark.
COLUMNS = (
    ("line", "bigint"),
    ("audit_id_hash", "bigint"),
    ("stage", "string"),
    ("recorded_level", "string"),
    ("rule", "int"),
    ("level", "string"),
    ("outcome", "string"),
    ("recorded_bytes", "bigint"),
    ("written_bytes", "bigint"),
    ("missing", "string"),
    ("written", "string"),
)


def simulate(
    df: DataFrame, policy: Policy, column: str = "value", keep: Sequence[str] = ()
) -> DataFrame:
    """Return the outcome of each event of a column of JSON, after the columns to ``keep``. Nothing is shuffled."""
    kept = [df.schema[name] for name in keep]
    results = [StructField(name, _parse_datatype_string(type_)) for name, type_ in COLUMNS]
    names = [name for name in keep] + [name for name, _ in COLUMNS]

    def run(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        for batch in batches:
            results = pa.record_batch(_engine.simulate_rows(batch.column(column), policy)[0])
            # A row can contain several events.
            rows = pa.array([line - 1 for line in results.column("line").to_pylist()], pa.int64())
            columns = [batch.column(name).take(rows) for name in keep]
            yield pa.RecordBatch.from_arrays(columns + results.columns, names=names)

    selected = df.select(*dict.fromkeys([column, *keep]))
    return selected.mapInArrow(run, StructType(kept + results))


def estimate(
    df: DataFrame,
    policy: Policy,
    column: str = "value",
    logs: Optional[int] = None,
    merge_partitions: Optional[int] = None,
) -> Dict[str, Any]:
    """Return the sums of the events of a column of JSON, as ``audit-policy sums`` prints them.

    Each partition becomes one row with its sums, and the driver adds them; with ``merge_partitions``, that many tasks add them first,
    which is the only shuffle. ``logs`` is the number of logs, by default that of the files of ``df``.
    """

    def add(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        sums = _engine.Sums(policy)
        for batch in batches:
            sums.add_rows(batch.column(column))
        yield _batch(sums.take())

    def merge(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        parts = [part for batch in batches for part in batch.column("sums").to_pylist()]
        if parts:
            yield _batch(_engine.merge_sums(parts, 0))

    parts = df.select(column).mapInArrow(add, "sums string")
    if merge_partitions is not None:
        parts = parts.repartition(merge_partitions).mapInArrow(merge, "sums string")
    # Of no partition at all, the sums are 0.
    all_parts = [_engine.Sums(policy).take()] + [row.sums for row in parts.collect()]
    number = len(df.inputFiles()) if logs is None else logs
    return cast("Dict[str, Any]", json.loads(_engine.merge_sums(all_parts, number)))


def _batch(sums: str) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([sums], pa.string())], names=["sums"])
