"""What a project without logs shows: the one command that works, with its real token."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """A way to send logs, to be pasted as it stands."""

    title: str
    text: str


CURL = """\
curl -sS '{url}/v1/logs' -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{{
  "resourceLogs": [{{
    "resource": {{"attributes": [{{"key": "service.name", "value": {{"stringValue": "my-first-service"}}}}]}},
    "scopeLogs": [{{"logRecords": [{{"severityNumber": 9, "body": {{"stringValue": "Hello from curl"}}}}]}}]
  }}]
}}'"""

ENVIRONMENT = """\
export OTEL_EXPORTER_OTLP_LOGS_ENDPOINT='{url}/v1/logs'
export OTEL_EXPORTER_OTLP_LOGS_HEADERS='Authorization=Bearer%20{token}'
export OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf
export OTEL_LOGS_EXPORTER=otlp OTEL_SERVICE_NAME=my-service"""

PYTHON = """\
# pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

provider = LoggerProvider(resource=Resource.create({{"service.name": "my-service"}}))
exporter = OTLPLogExporter("{url}/v1/logs", headers={{"Authorization": "Bearer {token}"}})
provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
logger = provider.get_logger("my-service")
logger.emit(LogRecord(body="Hello from Python", severity_number=SeverityNumber.INFO))
provider.shutdown()  # sends what is still waiting"""

NODE = """\
// npm install @opentelemetry/sdk-logs @opentelemetry/exporter-logs-otlp-proto @opentelemetry/resources
import {{ LoggerProvider, BatchLogRecordProcessor }} from "@opentelemetry/sdk-logs";
import {{ OTLPLogExporter }} from "@opentelemetry/exporter-logs-otlp-proto";
import {{ resourceFromAttributes }} from "@opentelemetry/resources";

const exporter = new OTLPLogExporter({{ url: "{url}/v1/logs", headers: {{ Authorization: "Bearer {token}" }} }});
const provider = new LoggerProvider({{
  resource: resourceFromAttributes({{ "service.name": "my-service" }}),
  processors: [new BatchLogRecordProcessor({{ exporter }})],
}});
provider.getLogger("my-service").emit({{ severityNumber: 9, body: "Hello from Node" }});
await provider.shutdown(); // sends what is still waiting"""

FLUENT_BIT = """\
[OUTPUT]
    Name            opentelemetry
    Match           *
    Host            {host}
    Port            {port}
    Tls             {tls}
    Logs_uri        /v1/logs
    Header          Authorization Bearer {token}"""

DOCKER = """\
docker run -e OTEL_EXPORTER_OTLP_LOGS_ENDPOINT='{url}/v1/logs' \\
  -e OTEL_EXPORTER_OTLP_LOGS_HEADERS='Authorization=Bearer%20{token}' \\
  -e OTEL_LOGS_EXPORTER=otlp -e OTEL_SERVICE_NAME=my-service --network host my-image"""

TEMPLATES = (
    ("One line with curl", CURL),
    ("Environment of an OpenTelemetry SDK or agent", ENVIRONMENT),
    ("Python", PYTHON),
    ("Node.js", NODE),
    ("Docker", DOCKER),
    ("Fluent Bit", FLUENT_BIT),
)


def snippets(url: str, token: str) -> list[Snippet]:
    """Fill in every snippet with this instance's address (no trailing slash) and the project's token."""
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0]
    host, colon, port = authority.rpartition(":")
    if not colon or not port.isdigit():
        host, port = authority, "443" if scheme == "https" else "80"
    values = {"url": url, "token": token, "host": host, "port": port, "tls": "on" if scheme == "https" else "off"}
    return [Snippet(title, text.format(**values)) for title, text in TEMPLATES]
