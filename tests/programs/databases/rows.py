"""Answers requests: a line `{"query", "lines"}` on standard input, a line with the rows, or with an error, on standard output."""

import json
import sys


def serve(run):
    for request in sys.stdin:
        given = json.loads(request)
        try:
            answer = {"rows": run(given["query"], given["lines"])}
        except Exception as error:  # noqa: BLE001
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)
