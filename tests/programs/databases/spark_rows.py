"""Runs queries over lines in Spark."""

import os

from pyspark.sql import SparkSession
from rows import serve

# Java's own messages go to standard error.
session = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.sql.warehouse.dir", os.path.join(os.environ.get("TMPDIR", "/tmp"), "warehouse"))
    .getOrCreate()
)
session.sparkContext.setLogLevel("ERROR")

# Spark cannot compile the query of hundreds of rules as one stage.
LONG = 100_000


def run(query, lines):
    session.conf.set("spark.sql.codegen.wholeStage", str(len(query) < LONG).lower())
    session.createDataFrame([(line,) for line in lines], "line string").createOrReplaceTempView("events")
    return [row.asDict() for row in session.sql(query).collect()]


serve(run)
