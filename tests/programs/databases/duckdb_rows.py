"""Runs queries over events in DuckDB."""

import json
import os
import tempfile

import duckdb
from rows import COLUMNS, serve

connection = duckdb.connect()
folder = tempfile.TemporaryDirectory()
file = os.path.join(folder.name, "events.parquet")


def type_of(kind):
    if isinstance(kind, dict):
        return {name: type_of(item) for name, item in kind.items()}
    return [type_of(kind[0])] if isinstance(kind, list) else "VARCHAR"


def load(rows, schema):
    connection.execute("DROP VIEW IF EXISTS events")
    connection.execute("CREATE OR REPLACE TABLE given AS SELECT unnest(CAST(? AS VARCHAR[])) AS line", [rows if schema not in COLUMNS else [json.dumps(row) for row in rows]])
    if schema not in COLUMNS:
        connection.execute("CREATE VIEW events AS SELECT line FROM given")
        return
    types = json.dumps(type_of(COLUMNS[schema]))
    table = f"(SELECT fields.* FROM (SELECT from_json(line, '{types}') AS fields FROM given))"
    connection.execute(f"COPY {table} TO '{file}' (FORMAT parquet)")
    connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{file}')")


def run(query, rows, schema):
    load(rows, schema)
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


serve(run)
