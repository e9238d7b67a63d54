"""Find a key and its operator: which field they name, and where they are text after all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from webapp.language import tree
from webapp.language.quotes import QUOTED, unescape
from webapp.language.tree import Field

COLUMN_BY_KEY = {
    "message": tree.MESSAGE,
    "body": tree.MESSAGE,
    "level": tree.LEVEL,
    "severity": tree.LEVEL,
    "severity_text": tree.LEVEL,
    "service": tree.SERVICE,
    "service_name": tree.SERVICE,
    "service.name": tree.SERVICE,
    "trace_id": tree.TRACE_ID,
    "span_id": tree.SPAN_ID,
    "event": tree.EVENT_NAME,
    "event_name": tree.EVENT_NAME,
    "scope": tree.SCOPE,
    "instrumentation_scope": tree.INSTRUMENTATION_SCOPE,
    "resource_fingerprint": tree.FINGERPRINT,
}
RESOURCE_PREFIX = "resource."


class Sign(StrEnum):
    """What stands between a key and its values."""

    IS = ":"
    IS_EXACTLY = ":="
    FITS = "~"
    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="


COMPARISONS = (Sign.GREATER, Sign.AT_LEAST, Sign.LESS, Sign.AT_MOST)


@dataclass(frozen=True, slots=True)
class Key:
    """A field as it is written: ``written`` begins at ``start``, the values at ``end`` behind the sign."""

    field: Field
    written: str
    sign: Sign
    start: int
    end: int

    @property
    def leaves_no_doubt(self) -> bool:
        """Whether what does not fit behind it is an error, for nothing that is found in logs looks like this."""
        is_message = self.field == tree.MESSAGE and self.sign not in (Sign.IS_EXACTLY, Sign.FITS)
        return self.field.kind == "column" and not is_message


# Before a colon these are the beginning of an address, a name or a digest, never the key of an attribute.
_NEVER_KEYS = {"http", "https", "urn", "arn", "mailto", "jdbc", "data", "md5", "sha1", "sha256", "sha512", "localhost"}

_KEY = re.compile(r"(?:[^\W\d]|@)(?:[\w./@-]*\w)?(?=[:~<>])")
_SOURCE_LINE = re.compile(
    r"[\w./@-]+\.(?:c|cc|clj|cpp|cs|erl|ex|exs|go|h|java|js|jsx|kt|lua|mjs|php|pl|py|rb|rs|scala|sh|swift|ts|tsx):\d"
)
# Only before a number or a quote is an arrow, a tag or a template anything but text; a level has a name.
_COMPARISON = re.compile(r':?([<>]=?)(?=["\d.+-])')
_COMPARISON_OF_LEVELS = re.compile(r":?([<>]=?)")


def read_key(text: str, start: int) -> Key | None:
    """Read a key and its sign, or None where no field begins."""
    named = _name(text, start)
    if named is None:
        return None
    field, end = named
    written = text[start:end]
    if comparison := (_COMPARISON_OF_LEVELS if field == tree.LEVEL else _COMPARISON).match(text, end):
        return Key(field, written, Sign(comparison[1]), start, comparison.end())
    if text.startswith('~"', end) or (text.startswith("~", end) and field.kind == "column"):
        return Key(field, written, Sign.FITS, start, end + 1)
    if text.startswith(':="', end) and field.kind == "column":
        return Key(field, written, Sign.IS_EXACTLY, start, end + 2)
    if not text.startswith(":", end) or _is_text(text, start, end):
        return None
    return Key(field, written, Sign.IS, start, end + 1)


def _name(text: str, start: int) -> tuple[Field, int] | None:
    is_resource = text[start : start + len(RESOURCE_PREFIX)].lower() == RESOURCE_PREFIX
    make = tree.resource_attribute if is_resource else tree.attribute
    if found := QUOTED.match(text, start + len(RESOURCE_PREFIX) * is_resource):
        return make(unescape(found[1])), found.end()
    if not (plain := _KEY.match(text, start)):
        return None
    if column := COLUMN_BY_KEY.get(plain[0].lower()):
        return column, plain.end()
    return make(plain[0][len(RESOURCE_PREFIX) * is_resource :]), plain.end()


def _is_text(text: str, start: int, colon: int) -> bool:
    """Whether the key is part of an address, a path, a source line or a ``::`` name."""
    written, after = text[start:colon], text[colon + 1 : colon + 3]
    if after.startswith((":", "=", "\\")) or after == "//":
        return True
    if len(written) == 1 and after.startswith("/"):
        return True
    return written.lower() in _NEVER_KEYS or _SOURCE_LINE.match(text, start) is not None
