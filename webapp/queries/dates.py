"""Values that are dates: what counts as one, and its moment.

A date is ISO 8601 with dashes and colons from 1900 to 2261 (``2026-11-23``, ``2026-11-23T14:00:00.123Z``; a space may
stand for the T, the seconds and the offset may be missing, which then is UTC), or the time since 1970 as 10 digits of
seconds, 13 of milliseconds, 16 of microseconds or 19 of nanoseconds. Nothing else is: ClickHouse would guess at much
more, and take "20261123" for a date and "2026-02-30" for none.
"""

from __future__ import annotations

from webapp.queries.logic import all_of
from webapp.queries.parameters import Parameters

_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
_OFFSET = "(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
_YEAR = "(19[0-9]{2}|2[01][0-9]{2}|22[0-5][0-9]|226[01])"
ISO = f"^{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]{_CLOCK}{_OFFSET}?)?$"
EPOCH = "^[1-9]([0-9]{9}|[0-9]{12}|[0-9]{15}|[0-9]{18})$"


def in_time(text: str, start: str, stop: str, parameters: Parameters) -> str:
    """Return the condition that a text is a date from ``start`` up to ``stop``: nanoseconds as digits, "" for no bound.

    What is not a date is in no time.
    """
    moment = _nanoseconds(text)
    bounds = [(">=", start), ("<", stop)]
    within = [f"{moment} {sign} {parameters.add(int(bound), 'Int64')}" for sign, bound in bounds if bound]
    return f"ifNull({all_of(within)}, false)" if within else f"isNotNull({moment})"


def _nanoseconds(text: str) -> str:
    """Return the expression of a date's nanoseconds since 1970, NULL for what is not a date."""
    # A day that its month does not have is NULL here too. What is not ISO never reaches the parser.
    iso = f"parseDateTime64BestEffortOrNull(if(match({text}, '{ISO}'), {text}, ''), 9, 'UTC')"
    epoch = f"toInt64OrNull(if(match({text}, '{EPOCH}'), rightPad({text}, 19, '0'), ''))"
    return f"coalesce(toUnixTimestamp64Nano({iso}), {epoch})"
