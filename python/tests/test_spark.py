"""Spark in processes of its own against the command; the variables are those of test_engine.py."""

import json
import os
import sys
import time
import unittest

os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")

from pyspark.sql import SparkSession, functions

import audit_policy
import audit_policy.spark
from test_engine import LOGS, POLICY, command


class Spark(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        master = os.environ.get("MASTER", "local-cluster[2,1,1024]")
        builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
        cls.spark = builder.getOrCreate()
        cls.policy = audit_policy.load(POLICY.read_bytes())

    @classmethod
    def tearDownClass(cls) -> None:
        cls.spark.stop()

    def test_sums_are_those_of_the_command(self) -> None:
        expected = json.loads(command("sums", "--policy", str(POLICY), *LOGS))
        self.assertGreater(expected["recorded"]["events"], 0)
        for merge_partitions in [None, 2]:
            begin = time.monotonic()
            sums = audit_policy.spark.estimate(
                self.spark.read.text(LOGS), self.policy, merge_partitions=merge_partitions
            )
            print(f"{expected['recorded']['events']} events in {time.monotonic() - begin:.1f} s")
            self.assertEqual(sums, expected)

    def test_written_events_are_those_of_the_command(self) -> None:
        name = functions.input_file_name().alias("file")
        number = functions.monotonically_increasing_id().alias("number")
        df = self.spark.read.text(LOGS).select("value", name, number)
        results = audit_policy.spark.simulate(df, self.policy, keep=["file", "number"])
        rows = results.orderBy("file", "number").select("written").collect()
        lines = "".join(f"{row.written}\n" for row in rows if row.written is not None)
        expected = command("simulate", "--policy", str(POLICY), "--format", "events", *LOGS)
        self.assertEqual(lines.encode(), expected)


if __name__ == "__main__":
    unittest.main()
