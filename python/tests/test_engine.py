"""The wheel against the command: $AUDIT_POLICY is the command, $LOGS a folder with rotated logs, $POLICY a policy."""

import json
import os
import pickle
import subprocess
import unittest
from pathlib import Path

import pyarrow as pa

import audit_policy

POLICY = Path(os.environ["POLICY"])
LOGS = sorted(str(log) for log in Path(os.environ["LOGS"]).glob("*.gz"))


def command(*words: str) -> bytes:
    return subprocess.run([os.environ["AUDIT_POLICY"], *words], check=True, capture_output=True).stdout


class Engine(unittest.TestCase):
    def setUp(self) -> None:
        self.policy = audit_policy.load(POLICY.read_bytes())

    def test_written_events_are_those_of_the_command(self) -> None:
        for log in LOGS:
            simulation = audit_policy.simulate(Path(log).read_bytes(), self.policy)
            words = ["simulate", "--policy", str(POLICY), "--format"]
            self.assertEqual(simulation.written(), command(*words, "events", log))
            summary = json.loads(command(*words, "summary", log))
            del summary["files"]
            self.assertEqual(simulation.totals, summary)

    def test_sums_are_those_of_the_command(self) -> None:
        parts = [audit_policy.estimate(Path(log).read_bytes(), self.policy) for log in LOGS]
        whole = json.loads(command("sums", "--policy", str(POLICY), *LOGS))
        self.assertEqual(audit_policy.merge(parts), whole)

    def test_a_rejected_policy_has_its_place(self) -> None:
        with self.assertRaises(audit_policy.PolicyError) as raised:
            audit_policy.load("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Verbose\n")
        self.assertEqual((raised.exception.line, raised.exception.column), (4, 10))
        self.assertIsNotNone(raised.exception.code)
        with self.assertRaises(ValueError):
            audit_policy.load("", "1.99")

    def test_a_verdict_has_rule_and_line(self) -> None:
        text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  users: [bob]\n- level: Metadata\n"
        policy = pickle.loads(pickle.dumps(audit_policy.load(text)))
        verdict = audit_policy.Matcher(policy).evaluate({"user": "alice", "verb": "get", "path": "/version"})
        self.assertEqual((verdict.rule, verdict.level, verdict.line), (1, "Metadata", 7))
        self.assertEqual(verdict.stages, ("ResponseStarted", "ResponseComplete", "Panic"))

    def test_rows_that_are_not_events_are_reported(self) -> None:
        rows = ['{"auditID":"a","stage":"ResponseComplete","verb":"get"}', "no event", None]
        for type_ in [pa.string(), pa.large_string(), pa.binary()]:
            column = pa.array(rows, pa.string()).cast(type_)
            events = audit_policy.simulate(column, self.policy).events
            self.assertEqual(events.column("line").to_pylist(), [1, 2])
            self.assertEqual(events.column("outcome")[1].as_py(), "unreadable")
        # The first eight bytes of SHA-256("a") are ca978112ca1bbdca.
        self.assertEqual(events.column("audit_id_hash")[0].as_py(), 0xCA978112CA1BBDCA - (1 << 64))
        with self.assertRaises(TypeError):
            audit_policy.simulate(pa.array([1]), self.policy)


if __name__ == "__main__":
    unittest.main()
