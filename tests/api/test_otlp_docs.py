"""The page on sending logs: its snippets are run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import Served
from tests.support import javascript, stored
from tests.support.web import ROOT
from webapp.ingest import batch, values
from webapp.settings import MIB, Settings

pytestmark = pytest.mark.xdist_group(javascript.GROUP)

PAGE = (ROOT / "docs" / "sending-logs.md").read_text()
PYTHON = """
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
provider = LoggerProvider()
provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
provider.get_logger("checkout").emit(body="payment declined")
provider.shutdown()
"""


def snippet(heading: str, language: str) -> str:
    """Return the first block of that language under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, f"docs/sending-logs.md has no {language} under {heading}."
    return found.group(1)


@pytest.fixture
def environment(served: Served) -> dict[str, str]:
    """What the page tells its reader to export, for a running instance."""
    return {**os.environ, "HEDGEROW_URL": served.address, "HEDGEROW_TOKEN": served.ada.token}


def run(script: str, environment: dict[str, str], folder: Path = ROOT) -> str:
    done = subprocess.run(
        ["sh", "-euc", script], env=environment, cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_curl_snippet_sends_a_log(served: Served, environment: dict[str, str]) -> None:
    assert shutil.which("curl"), "curl is missing. On Debian and Ubuntu: apt-get install curl"
    assert run(snippet("curl", "sh"), environment) == "{}"
    (row,) = stored.rows(served.settings.clickhouse_url)
    assert (row["body"], row["severity_text"], row["service_name"]) == ("payment declined", "error", "checkout")
    assert row["attributes"] == {"order.id": "A-17"}


def test_snippet_for_json_lines_sends_a_log(served: Served, environment: dict[str, str]) -> None:
    assert run(snippet("JSON lines", "sh"), environment) == '{"accepted":1,"rejected":0}'
    (row,) = stored.rows(served.settings.clickhouse_url)
    assert (row["body"], row["severity_text"], row["service_name"]) == ("payment declined", "error", "checkout")
    assert row["attributes"] == {"order.id": "A-17"}


def test_variables_are_those_that_an_sdk_reads(served: Served, environment: dict[str, str]) -> None:
    script = snippet("Any OpenTelemetry SDK", "sh") + f"exec '{sys.executable}' -c '{PYTHON}'"
    run(script, environment)
    (row,) = stored.rows(served.settings.clickhouse_url)
    assert (row["body"], row["service_name"]) == ("payment declined", "checkout")


def test_node_snippet_sends_a_log(served: Served, environment: dict[str, str]) -> None:
    javascript.install()
    variables = snippet("Any OpenTelemetry SDK", "sh")
    script = f'{variables}exec node --input-type=module --eval "$SNIPPET"'
    run(script, {**environment, "SNIPPET": snippet("Node", "js")}, javascript.FOLDER)
    (row,) = stored.rows(served.settings.clickhouse_url)
    assert (row["body"], row["severity_text"], row["service_name"]) == ("payment declined", "error", "checkout")


def test_packages_of_the_node_snippet_are_those_that_it_imports() -> None:
    installed = set(re.findall(r"@opentelemetry/[\w-]+", snippet("Node", "sh")))
    assert installed == set(re.findall(r"@opentelemetry/[\w-]+", snippet("Node", "js")))


def test_limits_on_the_page_are_the_limits() -> None:
    settings = Settings()
    assert f"larger than {settings.max_body_bytes // MIB} MiB" in PAGE
    assert f"than {settings.max_inflated_bytes // MIB} MiB when inflated" in PAGE
    assert f"more than {batch.MAX_RECORDS:,} records" in PAGE
    assert f"more than {values.MAX_ATTRIBUTES:,} attributes" in PAGE
    assert re.search(rf"deeper than\s+{values.MAX_DEPTH} levels", PAGE)
