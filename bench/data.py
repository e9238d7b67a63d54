"""Logs to measure with: made by ClickHouse itself, two million in half a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass

from clickhouse_driver import Client

from webapp.queries.attribute_counts import count_attributes, next_arrivals
from webapp.store.store import Store

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
WEEK_NS = 7 * 24 * HOUR_NS
SLICE = 250_000
PROJECT = 1  # has 60 % of the rows
UNCOMMON_WORD = "quasarflux"  # in one row of 50,000
RARE_WORD = "zephyrine"  # in one of 1,000,000

# Twelve services of very unequal size, sixteen kinds of message with numbers and ids in them, ten attributes of which
# three differ in every row, eight of the resource; 600 bytes a row as text.
_FILL = """
INSERT INTO logs (project_id, timestamp, observed_timestamp, uuid, trace_id, span_id, trace_flags, severity_text,
  severity_number, service_name, body, attributes, resource_attributes, resource_fingerprint, scope_name, scope_version,
  event_name, expires_on)
WITH
  cityHash64(number) AS a, cityHash64(number, 1) AS b, cityHash64(number, 2) AS c, cityHash64(number, 3) AS d,
  cityHash64(number, 4) AS e, cityHash64(intDiv(number, 9)) AS trace,
  ['api', 'web', 'checkout', 'payments', 'auth', 'search', 'cart', 'inventory', 'email', 'worker', 'gateway',
   'billing'] AS services,
  services[1 + toUInt8(least(11, floor(pow((b % 1000) / 1000, 2.2) * 12)))] AS service,
  multiIf(c % 1000 < 1, 'fatal', c % 1000 < 45, 'error', c % 1000 < 130, 'warn', c % 1000 < 750, 'info',
          c % 1000 < 985, 'debug', 'trace') AS level,
  ['Request completed', 'Handled request for', 'Cache miss for key', 'Query executed in', 'Retrying upstream call',
   'User session refreshed for', 'Message published to topic', 'Job finished', 'Connection reset by peer reading',
   'Payment authorised for order', 'Slow query detected on table', 'Inventory reserved for sku',
   'Token validated for client', 'Email queued for delivery to', 'Search executed with filters',
   'Rate limit check passed for'] AS messages,
  ['GET', 'POST', 'PUT', 'DELETE'][1 + e % 4] AS method,
  ['/api/orders', '/api/cart', '/api/users', '/api/search', '/healthz', '/login', '/api/payments', '/app.js'][1 + b % 8]
    AS route,
  toString([200, 200, 200, 204, 301, 404, 500, 503][1 + d % 8]) AS status,
  {start:Int64} + toInt64(number * ({length:Int64} / {rows:UInt64})) AS moment,
  fromUnixTimestamp64Nano(moment, 'UTC') AS time
SELECT
  if(a % 10 < 6, 1, if(a % 10 < 9, 2, 3)), time, fromUnixTimestamp64Nano(moment + toInt64(e % 2000000000), 'UTC'),
  reinterpret(unhex(concat(leftPad(hex(bitOr(bitShiftLeft(toUInt64(intDiv(moment, 1000000)), 16), 28672)), 16, '0'),
    leftPad(hex(bitOr(bitShiftLeft(toUInt64(2), 62), number)), 16, '0'))), 'UUID'),
  toFixedString(concat(reinterpretAsFixedString(trace), reinterpretAsFixedString(cityHash64(trace))), 16),
  reinterpretAsFixedString(e), 1, level, indexOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], level) * 4 - 3,
  service,
  concat(messages[1 + d % 16], ' ', method, ' ', route, '/', toString(c % 100000), ' status=', status,
    ' duration_ms=', toString(e % 3000), ' user=u', toString(b % 200000),
    if(intDiv(a, 10) % 50000 = 7, ' {uncommon}', ''),
    if(intDiv(a, 10) % 1000000 = 8, ' {rare}', ''),
    if(a % 5 = 0, concat(' request_id=', lower(hex(e))), ''),
    if(level IN ('error', 'fatal'), concat(' IllegalStateException at com.shop.', service, '.Handler.handle(Handler:',
      toString(a % 400), ')'), '')),
  map('client.address', concat('10.', toString(a % 200), '.', toString(b % 250), '.', toString(c % 250)),
    'code.line', toString(a % 400), 'customer.tier', ['free', 'pro', 'enterprise'][1 + c % 3],
    'duration_ms', toString(e % 3000), 'feature.flag', concat('f', toString(a % 20)), 'http.method', method,
    'http.route', route, 'http.status_code', status, 'request.id', lower(hex(e)),
    'user.id', concat('u', toString(b % 200000))),
  map('cloud.region', ['eu-west-1', 'us-east-1'][1 + a % 2], 'deployment.environment', 'production',
    'host.name', concat('node-', toString(a % 20)), 'k8s.namespace.name', 'shop',
    'k8s.pod.name', concat(service, '-7d9f8b6c5d-', toString(a % 10)), 'service.name', service,
    'service.version', '1.4.2', 'telemetry.sdk.language', 'python'),
  cityHash64(service, a % 20), 'app', '1.0', '', toDate(time) + 30
FROM numbers({offset:UInt64}, {count:UInt64})
""".replace("{uncommon}", UNCOMMON_WORD).replace("{rare}", RARE_WORD)


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the project, whose values the questions look for."""

    timestamp_ns: int
    trace_id: str
    user_id: str
    request_id: str
    phrase: str


def fill(url: str, rows: int, end_ns: int) -> None:
    """Spread the rows over the week before the end."""
    with Client.from_url(url) as client:
        client.connection.context.client_settings["server_side_params"] = True
        for offset in range(0, rows, SLICE):
            values = {
                "start": end_ns - WEEK_NS,
                "length": WEEK_NS,
                "rows": rows,
                "offset": offset,
                "count": min(SLICE, rows - offset),
            }
            settings = {"server_side_params": True, "max_partitions_per_insert_block": 0, "max_threads": 1}
            client.execute(_FILL, values, settings=settings)


def settle(url: str) -> None:
    """Wait for the merges under way, and merge each day but the last into one part, as happens after hours."""
    with Client.from_url(f"{url}?send_receive_timeout=3600") as client:
        while client.execute("SELECT count() FROM system.merges")[0][0]:
            time.sleep(1)
        partitions = client.execute(
            "SELECT DISTINCT partition_id FROM system.parts"
            " WHERE active AND table = 'logs' AND database = currentDatabase() ORDER BY partition_id"
        )
        for (partition,) in partitions[:-1]:
            client.execute(
                f"OPTIMIZE TABLE logs PARTITION ID '{partition}' FINAL SETTINGS optimize_skip_merged_partitions = 1"
            )


def count_all(store: Store) -> None:
    """Count the attributes of all rows, as the job does."""
    after_ns, now_ns = 0, time.time_ns()
    while True:
        [(rows, last_ns)] = store.read(next_arrivals(after_ns, now_ns, SLICE)).rows
        if not rows:
            return
        store.insert_from(count_attributes(after_ns, last_ns), f"bench-{last_ns}")
        after_ns = last_ns


def counted_until(url: str) -> int:
    """Return when the last row arrived, in nanoseconds: all of them are counted."""
    with Client.from_url(url) as client:
        [(last_ns,)] = client.execute("SELECT toUnixTimestamp64Nano(max(observed_timestamp)) FROM logs")
    return int(last_ns)


def filled_until(url: str) -> int | None:
    """Return the end that an earlier ``fill`` was given, in nanoseconds; None if there are no rows yet."""
    with Client.from_url(url) as client:
        [(rows, last_ns)] = client.execute("SELECT count(), toUnixTimestamp64Nano(max(timestamp)) FROM logs")
    return (last_ns // HOUR_NS + 1) * HOUR_NS if rows else None


def sample_of(url: str, end_ns: int) -> Sample:
    """Return a row from the middle of the week before the end."""
    with Client.from_url(url) as client:
        [(moment, trace, user, request, body)] = client.execute(
            "SELECT toUnixTimestamp64Nano(timestamp), lower(hex(trace_id)), attributes['user.id'],"
            " attributes['request.id'], body FROM logs"
            f" WHERE project_id = {PROJECT} AND timestamp >= fromUnixTimestamp64Nano({end_ns - WEEK_NS // 2})"
            " ORDER BY timestamp LIMIT 1"
        )
    end = body.index(" status=") + len(" status=")
    return Sample(moment, trace, user, request, body[body.rindex("/", 0, end) : end])


def size(url: str) -> list[tuple[str, int, int, float]]:
    """Return name, rows, parts and bytes a log of each table."""
    with Client.from_url(url) as client:
        found: list[tuple[str, int, int, float]] = client.execute(
            "SELECT name, total_rows, active_parts, total_bytes / (SELECT count() FROM logs) FROM system.tables"
            " WHERE database = currentDatabase() AND name IN ('logs', 'logs_attributes') ORDER BY name"
        )
    return found
