"""Answers requests: a line `{"query", "input", "rows"}` on standard input, a line with the rows, or with an error, on standard output.

`input` is a schema of `audit-policy compile`: rows of `lines` and `eks` are texts, those of the others are objects with the columns of the schema.
"""

import json
import sys

# Columns of schemas that have more than `line`, with their types; a type in a list is that of the items.
COLUMNS = {
    "aks": {"AuditId": "text", "Verb": "text", "RequestUri": "text", "Stage": "text", "User": "text"},
    "columns": {"auditID": "text", "verb": "text", "requestURI": "text", "stage": "text", "user": {"username": "text", "groups": ["text"]}},
}
# The same with another type of a column: a structure instead of JSON, and, in ClickHouse, texts that cannot be null.
COLUMNS["aks, structure"] = {**COLUMNS["aks"], "User": COLUMNS["columns"]["user"]}
COLUMNS["columns, defaults"] = {**COLUMNS["columns"], "verb": "default", "requestURI": "default"}


def serve(run):
    for request in sys.stdin:
        given = json.loads(request)
        try:
            answer = {"rows": run(given["query"], given["rows"], given["input"])}
        except Exception as error:  # noqa: BLE001
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)
