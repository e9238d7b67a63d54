"""Errors of the driver and the server → sentences, with what the reader can do about it."""

from __future__ import annotations

from clickhouse_driver import errors as driver

from webapp.errors import HedgerowError, QueryTimeout, QueryTooLarge, Unavailable, ValidationFailed
from webapp.store.limits import ReadLimits

NARROW = "Choose a shorter time range, or add a service, a level or a rarer word."


class StoreSetupError(Unavailable):
    """ClickHouse answers, but cannot be used as it is set up: too old, no tables, wrong password, missing rights.

    The supervisor prints the sentence and stops; a process that is already serving answers 503 with it.
    """

    title = "The log store is not set up"


class Unreachable(Unavailable):
    """No connection to ClickHouse could be made: the statement never left us."""


class QueryCancelled(HedgerowError):
    """Somebody cancelled the query; the status is the one that servers log when the caller has gone."""

    status, type, default_code, title = 499, "server_error", "cancelled", "Cancelled"


_CODES = driver.ErrorCodes
# What the driver's list lacks.
_AUTHENTICATION_FAILED = 516
_ACCESS_DENIED = 497
_CANNOT_COMPILE_REGEXP = 427
_SETTING_CONSTRAINT_VIOLATION = 452
_QUERY_WAS_CANCELLED_BY_CLIENT = 735
_SERVER_OVERLOADED = 745

TIME_LIMIT = {_CODES.TIMEOUT_EXCEEDED, _CODES.TOO_SLOW}
SIZE_LIMIT = {_CODES.TOO_MANY_ROWS, _CODES.TOO_MANY_BYTES, _CODES.TOO_MANY_ROWS_OR_BYTES}
CANCELLED = {_CODES.QUERY_WAS_CANCELLED, _QUERY_WAS_CANCELLED_BY_CLIENT}
AWAY = {
    _CODES.NETWORK_ERROR,
    _CODES.SOCKET_TIMEOUT,
    _CODES.ALL_CONNECTION_TRIES_FAILED,
    _CODES.NO_FREE_CONNECTION,
    _CODES.DNS_ERROR,
    _CODES.ABORTED,
    _CODES.NO_ZOOKEEPER,
    _CODES.KEEPER_EXCEPTION,
    _CODES.TABLE_IS_READ_ONLY,
    _CODES.UNKNOWN_STATUS_OF_INSERT,
    _CODES.UNEXPECTED_END_OF_FILE,
    _CODES.ATTEMPT_TO_READ_AFTER_EOF,
}
BUSY = {_CODES.TOO_MANY_SIMULTANEOUS_QUERIES, _SERVER_OVERLOADED, _CODES.TOO_MANY_PARTS}
_SETUP = {
    _AUTHENTICATION_FAILED: "ClickHouse refuses the user or the password of {url}.",
    _CODES.UNKNOWN_DATABASE: "ClickHouse has no database of the name in {url}, and its user may not create it.",
    _CODES.UNKNOWN_TABLE: "The tables for logs are missing from ClickHouse: start Hedgerow, which creates them.",
    _ACCESS_DENIED: "The ClickHouse user of {url} lacks a right: {reason}",
    _CODES.READONLY: "The ClickHouse user of {url} may not change settings: its profile needs readonly = 2, not 1.",
    _SETTING_CONSTRAINT_VIOLATION: "The profile of the ClickHouse user of {url} forbids a limit that Hedgerow "
    "sets: {reason}",
}

CONNECTION_ERRORS = (driver.NetworkError, driver.SocketTimeoutError, EOFError, OSError)


def translate(error: Exception, *, url: str, query_id: str, limits: ReadLimits | None = None) -> HedgerowError:
    """Return the domain error for what the driver raised.

    Args:
        url: the name of the setting that holds the address.
        limits: those of the statement, if it was a question.
    """
    code = getattr(error, "code", None)
    if code in TIME_LIMIT and limits is not None:
        return QueryTimeout(f"The query took longer than {limits.timeout_s} seconds and was stopped. {NARROW}")
    if code == _CODES.MEMORY_LIMIT_EXCEEDED and limits is not None:
        return QueryTooLarge(f"The query needed more than {limits.memory_text} of memory and was stopped. {NARROW}")
    if code in SIZE_LIMIT and limits is not None:
        most = f"{limits.result_rows:,} rows or {limits.result_mib} MiB"
        return QueryTooLarge(f"The answer has more than {most} and was stopped. {NARROW}")
    if code == _CANNOT_COMPILE_REGEXP:  # checked before it is asked; a server may know another RE2
        return ValidationFailed(f"ClickHouse cannot use a regular expression: {reason(error)}")
    if code in CANCELLED:
        return QueryCancelled("The query was cancelled.")
    if code in _SETUP:
        return StoreSetupError(_SETUP[code].format(url=url, reason=reason(error)))
    if code in BUSY:
        return Unavailable("ClickHouse has too much to do at the moment. Try again in a few seconds.")
    if code in TIME_LIMIT or code == _CODES.MEMORY_LIMIT_EXCEEDED:
        return Unavailable("ClickHouse could not store the rows within its limits. Try again in a few seconds.")
    if code == _CODES.NOT_ENOUGH_SPACE:
        return Unavailable("The disk of ClickHouse is full.", retry_after_s=60)
    if isinstance(error, driver.NetworkError):
        return Unreachable(f"ClickHouse ({url}) does not answer.")
    if code in AWAY or isinstance(error, CONNECTION_ERRORS):
        return Unavailable(f"ClickHouse ({url}) does not answer.")
    return HedgerowError(f"ClickHouse could not answer: error {code or type(error).__name__}, query {query_id}.")


def reason(error: Exception) -> str:
    """Return what the server or the network said, without the server's stack trace and its prefix."""
    text = str(getattr(error, "message", "") or error).partition("Stack trace:")[0]
    return text.strip().removeprefix("DB::Exception:").strip().rstrip(".") + "."
