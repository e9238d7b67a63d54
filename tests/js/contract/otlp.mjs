// Logs on their way: what a program hands to OTLP/HTTP as JSON.

function anyValue(value) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value) } };
}

function keyValues(values) {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function logRecord(row) {
  return {
    timeUnixNano: String(row.timestampNs),
    ...(row.number && { severityNumber: row.number }),
    ...(row.severityText && { severityText: row.severityText }),
    body: { stringValue: row.body },
    attributes: keyValues(row.attributes),
    ...(row.traceId && { traceId: row.traceId }),
    ...(row.spanId && { spanId: row.spanId }),
    ...(row.eventName && { eventName: row.eventName }),
  };
}

function groupBy(rows, name) {
  const groups = new Map();
  for (const row of rows) {
    const key = JSON.stringify(name(row));
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return [...groups.values()];
}

/** Write rows (see rows.mjs) as an ExportLogsServiceRequest. */
export function exportRequest(rows) {
  return {
    resourceLogs: groupBy(rows, (row) => row.resource).map((sameResource) => ({
      resource: { attributes: keyValues(sameResource[0].resource) },
      scopeLogs: groupBy(sameResource, (row) => row.scope).map((sameScope) => ({
        scope: sameScope[0].scope,
        logRecords: sameScope.map(logRecord),
      })),
    })),
  };
}

/** Send rows with a project's token; they are stored when this returns. */
export async function send(address, token, rows) {
  const response = await fetch(`${address}/i/v1/logs`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(exportRequest(rows)),
  });
  const answer = await response.json();
  if (response.status !== 200 || answer.partialSuccess) {
    throw new Error(`${response.status} for ${rows.length} logs: ${JSON.stringify(answer)}`);
  }
}
