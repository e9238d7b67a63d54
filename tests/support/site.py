"""What people do beside a running instance: run its commands, send it logs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.instance import environment
from webapp.settings import ROOT


@dataclass(frozen=True)
class Site:
    """A running instance as its people see it."""

    url: str
    data_dir: Path

    def command(self, *arguments: str) -> str:
        """Run a command beside the instance and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "webapp", *arguments],
            cwd=ROOT,
            env=environment(self.data_dir),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    def credentials(self) -> dict[str, Any]:
        """Return what ``./hedgerow credentials --json`` prints, with a sign-in link that is not used yet."""
        return dict(json.loads(self.command("credentials", "--json")))

    def send(
        self, token: str, service: str, bodies: list[str], *, severity_number: int = 9, age_s: float = 0.5
    ) -> None:
        """Send logs a millisecond apart, the last one ``age_s`` ago; they are stored when this returns."""
        latest = time.time_ns() - int(age_s * 1e9)
        records = [
            {
                "timeUnixNano": str(latest - (len(bodies) - 1 - index) * 1_000_000),
                "severityNumber": severity_number,
                "body": {"stringValue": body},
                "attributes": [{"key": "request.id", "value": {"stringValue": f"r-{index}"}}],
            }
            for index, body in enumerate(bodies)
        ]
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
        body = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]}
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/v1/logs", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            assert response.status == 200
