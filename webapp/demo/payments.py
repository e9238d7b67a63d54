"""The payments service: where the incident begins."""

from __future__ import annotations

import math
from typing import Any

from webapp.demo.incident import POOL_SIZE
from webapp.demo.lines import POOL_TIMEOUT_FRAMES, java_trace
from webapp.demo.model import DEBUG, ERROR, INFO, MILLISECOND, WARN, Attributes
from webapp.demo.span import Span

POOL = "payments-pool"
POOL_TIMEOUT_MS = 5000
PAID, REFUSED, FAILED = "paid", "refused", "failed"
METHODS = ("card", "card", "card", "card", "paypal", "klarna", "apple-pay")


def capture(payments: Span, order_id: str, cents: int) -> str:
    """Capture a payment: borrow a connection, ask the card network, store the result. Logs structured bodies."""
    payment_id = f"pay_{payments.rng.getrandbits(48):012x}"
    about: Attributes = {"payment.id": payment_id}
    payments.log(DEBUG, _body("capture requested", order=order_id, amount=cents / 100, currency="EUR"), about)
    if not _borrow_connection(payments, about):
        return FAILED
    method = payments.rng.choice(METHODS)
    took = payments.spend(160, 0.35)
    payments.log(
        DEBUG,
        _body("card network answered", method=method, duration_ms=took),
        about | {"peer.service": "card-network", "duration_ms": took},
    )
    declined = payments.rng.random() < 0.04
    outcome = "declined" if declined else "captured"
    payments.spend(4)
    payments.log(
        INFO,
        _body(f"payment {outcome}", payment=payment_id, order=order_id, amount=cents / 100, method=method),
        about | {"payment.outcome": outcome, "payment.method": method, "duration_ms": payments.elapsed_ms},
        f"payment.{outcome}",
    )
    return REFUSED if declined else PAID


def fetch_invoice(payments: Span, order_id: str) -> bool:
    """Render an invoice, which also needs a connection; whether there was one."""
    if not _borrow_connection(payments, {}):
        return False
    took = payments.spend(12)
    payments.log(DEBUG, _body("invoice rendered", order=order_id, duration_ms=took), {"duration_ms": took})
    return True


def _borrow_connection(payments: Span, about: Attributes) -> bool:
    """Wait for a connection: at once in calm, longer as they leak away, in vain when there are none."""
    free = payments.conditions.free_connections
    if free >= 7:
        payments.spend(0.3)
        return True
    waited = 60 * (7 / max(free, 0.8)) ** 2 * math.exp(payments.rng.gauss(0.0, 0.5))
    waiting = int((7 - free) * 1.6 * payments.rng.random())
    if waited >= POOL_TIMEOUT_MS or (free < 1 and payments.rng.random() < 0.9):
        payments.spend(POOL_TIMEOUT_MS, 0.003)
        _log_pool_timeout(payments, about, waiting + 3)
        return False
    payments.now_ns += int(waited * MILLISECOND)
    if waited > 400:
        payments.log(
            WARN,
            _body("slow connection acquisition", waited_ms=round(waited, 1), idle=int(free > 4), waiting=waiting),
            about | {"db.client.connection.wait_time_ms": round(waited, 1), "db.client.connection.pool.name": POOL},
        )
    return True


def _log_pool_timeout(payments: Span, about: Attributes, waiting: int) -> None:
    error = (
        f"java.sql.SQLTransientConnectionException: {POOL} - Connection is not available, request timed out after "
        f"{POOL_TIMEOUT_MS + payments.rng.randint(0, 9)}ms (total={POOL_SIZE}, active={POOL_SIZE}, idle=0, "
        f"waiting={waiting})"
    )
    kind, _, message = error.partition(": ")
    trace = java_trace(error, POOL_TIMEOUT_FRAMES)
    payments.log(
        ERROR,
        _body("request failed", error=error, stack=trace),
        about
        | {
            "exception.type": kind,
            "exception.message": message,
            "exception.stacktrace": trace,
            "db.client.connection.pool.name": POOL,
        },
    )


def _body(message: str, **fields: Any) -> dict[str, Any]:
    return {"message": message, **fields}
