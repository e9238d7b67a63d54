"""The shapes that log lines have in the wild: logfmt, JSON text, colours, stack traces."""

from __future__ import annotations

from typing import Any

import orjson

RED, GREEN, YELLOW, CYAN, DIM, RESET = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[2m", "\x1b[0m"


def logfmt(**pairs: Any) -> str:
    """``key=value`` pairs, quoted where needed, as Go programs write them."""
    return " ".join(f"{key}={_logfmt_value(value)}" for key, value in pairs.items())


def _logfmt_value(value: Any) -> str:
    text = str(value)
    if text and not set(text) & {" ", '"', "="}:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def json_text(fields: dict[str, Any]) -> str:
    """The line of a program that logs JSON to stdout."""
    return orjson.dumps(fields).decode()


def coloured(colour: str, tag: str, text: str) -> str:
    """The line of a program that believes it writes to a terminal."""
    return f"{colour}[{tag}]{RESET} {text}"


def java_trace(error: str, frames: tuple[str, ...], cause: str = "", cause_frames: tuple[str, ...] = ()) -> str:
    """A Java stack trace, with its cause if it has one."""
    text = error + "".join(f"\n\tat {frame}" for frame in frames)
    if cause:
        text += f"\nCaused by: {cause}" + "".join(f"\n\tat {frame}" for frame in cause_frames)
        text += f"\n\t... {41 + len(frames)} common frames omitted"
    return text


def python_trace(error: str, frames: tuple[tuple[str, int, str, str], ...]) -> str:
    """A Python traceback of (file, line, function, source)."""
    text = "Traceback (most recent call last):\n"
    for file, number, function, source in frames:
        text += f'  File "{file}", line {number}, in {function}\n    {source}\n'
    return text + error


def node_trace(error: str, frames: tuple[str, ...]) -> str:
    """A Node stack trace."""
    return error + "".join(f"\n    at {frame}" for frame in frames)


def go_trace(error: str, frames: tuple[tuple[str, str], ...]) -> str:
    """A Go panic with its goroutine, of (function, place)."""
    text = f"panic: {error} [recovered]\n\ngoroutine 8817 [running]:"
    return text + "".join(f"\n{function}\n\t{place}" for function, place in frames)


LEAK_FRAMES = (
    "com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:127)",
    "shop.payments.refunds.RefundReconciler.openSession(RefundReconciler.java:88)",
    "shop.payments.refunds.RefundReconciler.reconcilePending(RefundReconciler.java:61)",
    "shop.payments.CaptureService.capture(CaptureService.java:142)",
    "shop.payments.api.CaptureController.post(CaptureController.java:57)",
    "java.base/java.lang.Thread.run(Thread.java:1583)",
)
POOL_TIMEOUT_FRAMES = (
    "com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686)",
    "com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:179)",
    "com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:127)",
    "shop.payments.CaptureService.capture(CaptureService.java:118)",
    "shop.payments.api.CaptureController.post(CaptureController.java:57)",
)
CHECKOUT_FRAMES = (
    "shop.checkout.payments.PaymentsClient.capture(PaymentsClient.java:93)",
    "shop.checkout.OrderService.placeOrder(OrderService.java:204)",
    "shop.checkout.api.OrderController.post(OrderController.java:71)",
)
SOCKET_TIMEOUT_FRAMES = (
    "java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)",
    "java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:304)",
)
STOREFRONT_FRAMES = (
    "submitOrder (/app/.next/server/app/checkout/actions.js:214:13)",
    "process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
    "async CheckoutPage.onSubmit (/app/.next/server/app/checkout/page.js:88:22)",
)
SMTP_FRAMES = (
    ("/app/mailer/tasks.py", 71, "send_receipt", "smtp.send_message(message)"),
    ("/usr/local/lib/python3.12/smtplib.py", 986, "send_message", "return self.sendmail(from_addr, to_addrs, flatmsg)"),
)
INVOICE_FRAMES = (
    ("/app/mailer/tasks.py", 58, "send_receipt", "invoice = payments.invoice(order_id)"),
    ("/app/mailer/clients.py", 33, "invoice", "response.raise_for_status()"),
)
RESERVE_FRAMES = (
    ("inventory/reserve.(*Ledger).Split(0xc000482a80, 0x3, 0x0)", "/src/reserve/ledger.go:148 +0x1d4"),
    ("inventory/api.(*Server).Reserve(0xc0001b6000)", "/src/api/reserve.go:77 +0x2fb"),
    ("net/http.HandlerFunc.ServeHTTP(0x12)", "/usr/local/go/src/net/http/server.go:2220 +0x29"),
)
