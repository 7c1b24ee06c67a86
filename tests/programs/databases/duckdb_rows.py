"""Runs queries over lines in DuckDB."""

import duckdb
from rows import serve

connection = duckdb.connect()


def run(query, lines):
    connection.execute("CREATE OR REPLACE TABLE events AS SELECT unnest(?) AS line", [lines])
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


serve(run)
