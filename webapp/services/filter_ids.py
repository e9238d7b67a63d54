"""Ids of traces and spans as clients write them: hex in any case, or base64 as JSON writes bytes."""

from __future__ import annotations

import base64
import binascii
import re

from webapp.errors import ValidationFailed
from webapp.language import tree
from webapp.language.tree import Field

ID_BYTES = {tree.TRACE_ID: 16, tree.SPAN_ID: 8}

_HEX = re.compile(r"[0-9a-fA-F]+")
_BASE64 = re.compile(r"([A-Za-z0-9+/_-]+)={0,2}")


def id_as_hex(field: Field, text: str, path: str) -> str:
    """Return an id as lower-case hex.

    Raises:
        ValidationFailed: the text is no id of that many bytes; ``path`` names it.
    """
    size = ID_BYTES[field]
    if len(text) == 2 * size and _HEX.fullmatch(text):
        return text.lower()
    if found := _BASE64.fullmatch(text):
        digits = found[1].translate(str.maketrans("-_", "+/"))
        try:
            decoded = base64.b64decode(digits + "=" * (-len(digits) % 4))
        except binascii.Error:
            decoded = b""
        if len(decoded) == size:
            return decoded.hex()
    raise ValidationFailed(
        f"{field.name} is {2 * size} hexadecimal digits, or {size} bytes in base64. "
        "To find a part of one, use icontains, starts_with, ends_with or regex.",
        attr=path,
    )
