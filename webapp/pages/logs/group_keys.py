"""The keys that rows are grouped by, as the address and people write them: ``service,resource.host.name,"a key"``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from webapp.language.parse import QuerySyntaxError, parse
from webapp.language.printing import print_key
from webapp.language.tree import MESSAGE, SERVICE, Field, Match, Operator, attribute
from webapp.queries.groups import COLUMNS, MOST_KEYS

DEFAULT_KEYS = (SERVICE,)
KEY_CHARACTERS = 300  # four of them have to fit into an address
_PART = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,])+', re.DOTALL)


def read_keys(text: str) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """Read keys with commas between them: those to group by, none twice, and what cannot be one or is too many."""
    fields: list[Field] = []
    refused: list[str] = []
    for part in split_keys(text):
        field = read_key(part)
        if field in fields:
            continue
        is_known = field.kind != "column" or field in COLUMNS
        if not is_known or len(fields) == MOST_KEYS or len(field.name) > KEY_CHARACTERS:
            refused.append(part)
        else:
            fields.append(field)
    return tuple(fields), tuple(refused)


def split_keys(text: str) -> list[str]:
    """Split at the commas that are not in quotes; nothing between two of them is no part."""
    return [part for part in map(str.strip, _PART.findall(text)) if part]


def read_one_key(text: str, default: Field) -> tuple[Field, tuple[str, ...]]:
    """Read the first key that can be one, else the default; and what cannot be one or is one too many."""
    fields, refused = read_keys(text)
    if not fields:
        return default, refused
    return fields[0], (*refused, *map(print_key, fields[1:]))


def read_key(part: str) -> Field:
    """Read a key as a search writes it; what a search would take for something else is an attribute of that name."""
    try:
        node = parse(f"{part}:*")
    except QuerySyntaxError:
        return attribute(part)
    match node:
        case Match(field, Operator.EXISTS, _):
            return field
    return MESSAGE if part.lower() in ("message", "body") else attribute(part)


def print_keys(fields: Iterable[Field]) -> str:
    """Write keys so that ``read_keys`` reads the same."""
    return ",".join(map(print_key, fields))
