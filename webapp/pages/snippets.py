"""How to send logs to a project: snippets with its real token that work as they stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """A way to send logs, to be pasted as it stands; ``note`` says what has to be there."""

    name: str
    title: str
    note: str
    template: str


@dataclass(frozen=True, slots=True)
class Sending:
    """All ways to send, and the one that is shown, filled in."""

    ways: tuple[Snippet, ...]
    shown: Snippet
    text: str
    from_here_only: bool


CURL = """\
curl -sS '{url}/v1/logs' -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{{
  "resourceLogs": [{{
    "resource": {{"attributes": [{{"key": "service.name", "value": {{"stringValue": "my-first-service"}}}}]}},
    "scopeLogs": [{{"logRecords": [{{
      "timeUnixNano": "'"$(date +%s)"'000000000", "severityNumber": 9, "body": {{"stringValue": "Hello from curl"}}
    }}]}}]
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
# fluent-bit.yaml
pipeline:
  inputs:
    - name: tail
      path: /var/log/my-service/*.log
      processors:
        logs:
          - name: opentelemetry_envelope
          - name: content_modifier
            context: otel_resource_attributes
            action: upsert
            key: service.name
            value: my-service
  outputs:
    - name: opentelemetry
      match: "*"
      host: {host}
      port: {port}
      tls: {tls}
      logs_uri: /v1/logs
      logs_body_key: $log
      header: Authorization Bearer {token}
      compress: gzip"""

DOCKER = """\
docker run -e OTEL_EXPORTER_OTLP_LOGS_ENDPOINT='{url}/v1/logs' \\
  -e OTEL_EXPORTER_OTLP_LOGS_HEADERS='Authorization=Bearer%20{token}' \\
  -e OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf \\
  -e OTEL_LOGS_EXPORTER=otlp -e OTEL_SERVICE_NAME=my-service --network host my-image"""

KUBERNETES = """\
kubectl create secret generic hedgerow --from-literal='OTEL_EXPORTER_OTLP_LOGS_HEADERS=Authorization=Bearer%20{token}'
kubectl set env deployment/my-service --from=secret/hedgerow
kubectl set env deployment/my-service OTEL_EXPORTER_OTLP_LOGS_ENDPOINT='{url}/v1/logs' \\
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf OTEL_LOGS_EXPORTER=otlp OTEL_SERVICE_NAME=my-service"""

WAYS = (
    Snippet("curl", "curl", "One line that works as it stands.", CURL),
    Snippet("otlp", "OTLP environment", "Every OpenTelemetry SDK and agent reads these.", ENVIRONMENT),
    Snippet("python", "Python", "With the OpenTelemetry SDK.", PYTHON),
    Snippet("node", "Node", "With the OpenTelemetry SDK, as a module (.mjs).", NODE),
    Snippet("docker", "Docker", "For a program that sends with an OpenTelemetry SDK.", DOCKER),
    Snippet("kubernetes", "Kubernetes", "For a program that sends with an OpenTelemetry SDK.", KUBERNETES),
    Snippet("fluent-bit", "Fluent Bit", "For files, with version 3.2 or newer.", FLUENT_BIT),
)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def how_to_send(url: str, token: str, name: str = "") -> Sending:
    """Fill in the snippet of that name, by default the first one.

    Args:
        url: this instance's address, without a slash at its end.
        token: an ingestion token of the project.
        name: which way is shown; an unknown one shows the first.
    """
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0]
    host, colon, port = authority.rpartition(":")
    if not colon or not port.isdigit():
        host, port = authority, "443" if scheme == "https" else "80"
    values = {"url": url, "token": token, "host": host, "port": port, "tls": "on" if scheme == "https" else "off"}
    shown = next((way for way in WAYS if way.name == name), WAYS[0])
    return Sending(WAYS, shown, shown.template.format(**values), from_here_only=host in LOOPBACK)
