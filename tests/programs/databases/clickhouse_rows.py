"""Runs queries over events in ClickHouse, as the library chDB."""

import json
import os
import tempfile

from chdb.session import Session
from rows import COLUMNS, serve

session = Session()
folder = tempfile.TemporaryDirectory()
file = os.path.join(folder.name, "rows.json")
packed = os.path.join(folder.name, "events.parquet")
session.query("CREATE DATABASE logs ENGINE = Atomic")
session.query("USE logs")


def type_of(kind):
    if isinstance(kind, dict):
        return "Tuple(" + ", ".join(f"{name} {type_of(item)}" for name, item in kind.items()) + ")"
    return f"Array({type_of(kind[0])})" if isinstance(kind, list) else {"text": "Nullable(String)", "default": "String"}[kind]


def load(rows, schema):
    columns = COLUMNS.get(schema, {"line": "text"})
    with open(file, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row if schema in COLUMNS else {"line": row}) + "\n" for row in rows)
    source = f"file('{file}', JSONEachRow, '{type_of(columns)[6:-1]}')"
    if schema in COLUMNS:
        session.query(f"INSERT INTO FUNCTION file('{packed}', Parquet) SELECT * FROM {source} SETTINGS engine_file_truncate_on_insert = 1")
        source = f"file('{packed}', Parquet, '{type_of(columns)[6:-1]}')"
    session.query(f"CREATE OR REPLACE VIEW events AS SELECT * FROM {source}")


def run(query, rows, schema):
    load(rows, schema)
    # More than 256 KiB of text, and deeper trees than by default, for policies with very many rules.
    limits = ", max_query_size = 10000000, max_ast_elements = 1000000, max_expanded_ast_elements = 10000000"
    answer = session.query(query.rstrip() + limits, "JSONEachRow").bytes()
    return [json.loads(row) for row in answer.splitlines()]


serve(run)
