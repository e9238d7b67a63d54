// Send a few log records through the unmodified OpenTelemetry SDK, and exit with 0 once they are accepted.
//
// usage: node send.mjs ADDRESS TOKEN json|protobuf none|gzip
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';

const [address, token, encoding, compression] = process.argv.slice(2);
const Exporter = encoding === 'json' ? JsonExporter : ProtobufExporter;
const exporter = new Exporter({
  url: `${address}/v1/logs`,
  headers: { Authorization: `Bearer ${token}` },
  compression,
});

// The SDK reports a failed export to its own diagnostics alone: listen to the results.
let failure = null;
const send = exporter.export.bind(exporter);
exporter.export = (records, done) =>
  send(records, (result) => {
    failure ??= result.error ?? null;
    done(result);
  });

const provider = new LoggerProvider({
  resource: resourceFromAttributes({ 'service.name': `js-${encoding}-${compression}`, 'process.pid': 4711 }),
  processors: [new BatchLogRecordProcessor({ exporter })],
});
const logger = provider.getLogger('shop.cart', '2.3.4');

logger.emit({
  body: 'order placed',
  severityNumber: SeverityNumber.WARN2,
  severityText: 'WARN2',
  attributes: {
    'order.id': 'A-17',
    count: 3,
    price: 9.75,
    express: true,
    tags: ['new', 'gift'],
    customer: { name: 'Ada', address: { city: 'Zürich' } },
    raw: new Uint8Array([104, 105]),
  },
});
logger.emit({ body: { event: 'checkout', level: 'error', items: [1, 2], ok: false } });
logger.emit({ body: 'cut in the middle of an emoji \ud83e', eventName: 'cart.cut' });
for (let number = 0; number < 97; number += 1) {
  logger.emit({ body: `line ${number}`, severityNumber: SeverityNumber.INFO });
}

await provider.shutdown();
if (failure) {
  console.error(failure);
  process.exit(1);
}
