"""Runs queries over events in Spark."""

import os
import shutil
import tempfile

from pyspark.sql import SparkSession
from rows import COLUMNS, serve

# Java's own messages go to standard error.
session = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.sql.warehouse.dir", os.path.join(os.environ.get("TMPDIR", "/tmp"), "warehouse"))
    .getOrCreate()
)
session.sparkContext.setLogLevel("ERROR")
folder = tempfile.TemporaryDirectory()

# Spark cannot compile the query of hundreds of rules as one stage.
LONG = 100_000


def type_of(kind):
    if isinstance(kind, dict):
        return "struct<" + ", ".join(f"{name}: {type_of(item)}" for name, item in kind.items()) + ">"
    return f"array<{type_of(kind[0])}>" if isinstance(kind, list) else "string"


def load(rows, schema):
    if schema not in COLUMNS:
        return session.createDataFrame([(row,) for row in rows], "line string")
    columns = COLUMNS[schema]
    types = ", ".join(f"{name} {type_of(kind)}" for name, kind in columns.items())
    packed = os.path.join(folder.name, "events.parquet")
    shutil.rmtree(packed, ignore_errors=True)
    values = [tuple(row.get(name) for name in columns) for row in rows]
    session.createDataFrame(values, types).write.parquet(packed)
    return session.read.parquet(packed)


def run(query, rows, schema):
    session.conf.set("spark.sql.codegen.wholeStage", str(len(query) < LONG).lower())
    load(rows, schema).createOrReplaceTempView("events")
    return [row.asDict() for row in session.sql(query).collect()]


serve(run)
