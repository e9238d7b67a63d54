"""The first web server of a start: ``python -m webapp.supervisor.web DESCRIPTOR GUNICORN-ARGUMENT…``.

It prepares the databases and then goes on as gunicorn: the application is imported once, which is most of a start.
When the supervisor has to start the web server again, it starts gunicorn alone.

The descriptor takes one JSON object: what the start needs to know, or ``{"error": sentence}``; no log may have it.
A line on standard input says that the embedded servers are ready.
"""

from __future__ import annotations

import json
import os
import sys
import traceback

from webapp.settings import load_settings
from webapp.supervisor.prepare import explain, prepare
from webapp.supervisor.programs import own_logs_environment


def main() -> int:
    """Prepare, tell the result, serve."""
    result, arguments = int(sys.argv[1]), sys.argv[2:]
    try:
        from webapp import observability

        settings = load_settings()
        observability.configure(settings, "cli")
        found = prepare(settings, sys.stdin.readline)
    except Exception as error:
        traceback.print_exc()
        found = {"error": explain(error)}
    os.write(result, json.dumps(found).encode())
    os.close(result)
    if "error" in found:
        return 1
    os.environ.update(own_logs_environment(settings, found["own_logs_token"]))

    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", *arguments]
    run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
