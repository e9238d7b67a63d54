"""Buying: the one journey that needs a payment, and so the one that the incident breaks."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.demo.catalogue import Product, Visitor, pick_product, pick_visitor
from webapp.demo.journeys import close_page, open_page, through_gateway
from webapp.demo.lines import (
    CHECKOUT_FRAMES,
    INVOICE_FRAMES,
    SMTP_FRAMES,
    SOCKET_TIMEOUT_FRAMES,
    STOREFRONT_FRAMES,
    java_trace,
    json_text,
    node_trace,
    python_trace,
)
from webapp.demo.model import DEBUG, ERROR, INFO, SECOND, WARN, Attributes
from webapp.demo.payments import PAID, REFUSED, capture, fetch_invoice
from webapp.demo.span import Span, Trace

ATTEMPTS = 3
CLIENT_TIMEOUT_MS = 6000
GATEWAY_TIMEOUT_MS = 15_000
MAIL_QUEUE = "order-mail"
_PROXY_ERROR = {"level": "error", "logger": "proxy", "upstream": "checkout"}


@dataclass(frozen=True, slots=True)
class Order:
    """What one visitor buys."""

    order_id: str
    visitor: Visitor
    product: Product
    quantity: int

    @property
    def total(self) -> int:
        """Price of all, in cents."""
        return self.product.price * self.quantity


def place_order(trace: Trace, at_ns: int) -> None:
    """Buy what is in the cart."""
    rng = trace.rng
    order = Order(f"o-{rng.getrandbits(40):010x}", pick_visitor(rng), pick_product(rng), 1 + (rng.random() < 0.2))
    page = open_page(trace, at_ns, order.visitor)
    page.log(DEBUG, "server action submitOrder called", {"order.id": order.order_id})
    status = through_gateway(
        page, "POST", "/api/orders", "/api/orders", "checkout", lambda gateway: _at_gateway(gateway, order)
    )
    if status >= 500:
        error = f"Error: Upstream POST /api/orders failed with {status}"
        page.log(
            ERROR,
            node_trace(error, STOREFRONT_FRAMES),
            {"order.id": order.order_id, "exception.type": "Error", "exception.message": error[7:]},
        )
    close_page(page, "POST", "/checkout", "/checkout", status, order.visitor)
    if status != 402:
        _mail(trace, page.now_ns + 2 * SECOND, order)


def _at_gateway(gateway: Span, order: Order) -> int:
    """Wait for checkout, but not for ever."""
    checkout = gateway.call("checkout", {"order.id": order.order_id})
    status = _check_out(checkout, order)
    deadline_ns = gateway.started_ns + GATEWAY_TIMEOUT_MS * 1_000_000
    if checkout.now_ns > deadline_ns:
        gateway.now_ns = deadline_ns
        gateway.log(
            ERROR,
            json_text(_PROXY_ERROR | {"msg": "upstream timeout", "after_ms": GATEWAY_TIMEOUT_MS}),
            {"upstream": "checkout", "error.type": "upstream_timeout"},
        )
        return 504
    gateway.join(checkout)
    if status >= 500:
        gateway.log(
            ERROR,
            json_text(_PROXY_ERROR | {"msg": "bad upstream answer", "status": status}),
            {"upstream": "checkout", "error.type": "upstream_status"},
        )
        return 502
    return status


def _check_out(checkout: Span, order: Order) -> int:
    """Reserve, capture the payment, confirm."""
    checkout.log(
        INFO,
        f"Placing order {order.order_id}: {order.quantity} × {order.product.sku}, total {order.total / 100:.2f} EUR",
        {"product.sku": order.product.sku, "order.total_cents": order.total},
    )
    _reserve(checkout, order)
    if checkout.conditions.breaker == "open":
        checkout.log(
            ERROR,
            java_trace(
                "io.github.resilience4j.circuitbreaker.CallNotPermittedException: "
                "CircuitBreaker 'payments' is OPEN and does not permit further calls",
                CHECKOUT_FRAMES,
            ),
            {"error.type": "CallNotPermittedException", "peer.service": "payments"},
        )
        return 503
    outcome = _capture_with_retries(checkout, order)
    if outcome == PAID:
        checkout.spend(6)
        checkout.log(INFO, f"Order {order.order_id} confirmed", {"order.total_cents": order.total}, "order.confirmed")
        checkout.log(DEBUG, f"Published order.confirmed to {MAIL_QUEUE}", {"messaging.destination.name": MAIL_QUEUE})
        return 201
    if outcome == REFUSED:
        checkout.log(INFO, f"Order {order.order_id}: the card was declined", {"payment.outcome": "declined"})
        return 402
    checkout.log(
        ERROR,
        f"Order {order.order_id} failed: payment could not be captured after {ATTEMPTS} attempts",
        {"error.type": "PaymentUnavailable", "peer.service": "payments", "order.total_cents": order.total},
        "order.failed",
    )
    return 503


def _reserve(checkout: Span, order: Order) -> None:
    inventory = checkout.call("inventory", {"order.id": order.order_id})
    took = inventory.spend(5)
    inventory.log(
        INFO,
        f"reserved sku={order.product.sku} qty={order.quantity} order={order.order_id} ttl=5m0s took={took}ms",
        {"product.sku": order.product.sku, "quantity": order.quantity},
    )
    checkout.join(inventory)


def _capture_with_retries(checkout: Span, order: Order) -> str:
    """Ask payments up to three times; an answer that comes too late counts as none."""
    for attempt in range(1, ATTEMPTS + 1):
        asked_ns = checkout.now_ns
        payments = checkout.call("payments", {"order.id": order.order_id})
        outcome = capture(payments, order.order_id, order.total)
        deadline_ns = asked_ns + CLIENT_TIMEOUT_MS * 1_000_000
        late = payments.now_ns > deadline_ns
        if late:
            checkout.now_ns = deadline_ns
        else:
            checkout.join(payments)
            if outcome in (PAID, REFUSED):
                return outcome
        if attempt < ATTEMPTS:
            pause = 200 * 2 ** (attempt - 1)
            why = f"no answer within {CLIENT_TIMEOUT_MS} ms" if late else "503 Service Unavailable"
            checkout.log(
                WARN,
                f"POST http://payments.payments.svc/v1/captures failed ({why}), attempt {attempt} of {ATTEMPTS}, "
                f"next in {pause} ms",
                {"peer.service": "payments", "retry.attempt": attempt},
            )
            checkout.spend(pause, 0.1)
        elif late:
            error = "java.net.SocketTimeoutException: Read timed out"
            checkout.log(
                ERROR,
                java_trace(
                    "org.springframework.web.client.ResourceAccessException: I/O error on POST request for "
                    '"http://payments.payments.svc/v1/captures": Read timed out',
                    CHECKOUT_FRAMES,
                    error,
                    SOCKET_TIMEOUT_FRAMES,
                ),
                {"error.type": "ResourceAccessException", "peer.service": "payments"},
            )
    return "failed"


def _mail(trace: Trace, at_ns: int, order: Order) -> None:
    """The mailer writes to the customer, in the same trace; for that it asks payments for the invoice."""
    about: Attributes = {"order.id": order.order_id, "messaging.destination.name": MAIL_QUEUE}
    task = f"mailer.tasks.send_order_mail[{trace.rng.getrandbits(64):016x}]"
    waited_ns = int(trace.conditions_at(at_ns).mail_delay_s / 4 * SECOND)
    mailer = trace.begin("worker-mailer", at_ns + waited_ns, about)
    mailer.log(DEBUG, f"Task {task} received", {"messaging.operation.type": "receive"})
    payments = mailer.call("payments", {"order.id": order.order_id})
    has_invoice = fetch_invoice(payments, order.order_id)
    mailer.join(payments)
    if not has_invoice:
        where = "http://payments.payments.svc/v1/invoices"
        error = f"requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: {where}"
        mailer.log(
            ERROR,
            f"Task {task} raised, retry in 60s\n{python_trace(error, INVOICE_FRAMES)}",
            {"exception.type": "requests.exceptions.HTTPError", "peer.service": "payments"},
        )
        return
    took = mailer.spend(140)
    if mailer.rng.random() < 0.002:
        error = "smtplib.SMTPServerDisconnected: Connection unexpectedly closed"
        mailer.log(
            ERROR,
            f"Task {task} raised, retry in 60s\n{python_trace(error, SMTP_FRAMES)}",
            {"exception.type": "smtplib.SMTPServerDisconnected", "server.address": "smtp.shop.example"},
        )
        return
    text = f"Task {task} succeeded in {took / 1000:.3f}s: mail to {order.visitor.name}"
    mailer.log(INFO, text, {"duration_ms": took})
