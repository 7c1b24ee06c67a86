"""Runs queries over lines in ClickHouse, as the library chDB."""

import json
import os
import tempfile

from chdb.session import Session
from rows import serve

session = Session()
folder = tempfile.TemporaryDirectory()
file = os.path.join(folder.name, "lines.json")
session.query("CREATE DATABASE logs ENGINE = Atomic")
session.query("USE logs")
session.query(f"CREATE VIEW events AS SELECT line FROM file('{file}', JSONEachRow, 'line String')")


def run(query, lines):
    with open(file, "w", encoding="utf-8") as out:
        out.writelines(json.dumps({"line": line}) + "\n" for line in lines)
    # More than 256 KiB of text, and deeper trees than by default, for policies with very many rules.
    limits = ", max_query_size = 10000000, max_ast_elements = 1000000, max_expanded_ast_elements = 10000000"
    rows = session.query(query.rstrip() + limits, "JSONEachRow").bytes()
    return [json.loads(row) for row in rows.splitlines()]


serve(run)
