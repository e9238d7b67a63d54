"""Filters as OpenAPI has them. ``webapp.services.filter_groups`` reads them, and says what is wrong with one."""

from __future__ import annotations

from typing import Any

from webapp.services.filter_groups import GROUPS, MAX_KEY_CHARACTERS, TYPES
from webapp.services.filter_operators import OPERATORS

FILTER = {"$ref": "#/components/schemas/Filter"}
GROUP = {"$ref": "#/components/schemas/FilterGroup"}

COMPONENTS: dict[str, dict[str, Any]] = {
    "Filter": {
        "type": "object",
        "description": "What a log must have, or must not have.",
        "required": ["key", "type", "operator"],
        "properties": {
            "key": {
                "type": "string",
                "maxLength": MAX_KEY_CHARACTERS,
                "description": "The name of an attribute, or of a column if the type is log.",
                "example": "http.status_code",
            },
            "type": {
                "type": "string",
                "enum": list(TYPES),
                "description": "Whether the key names a column, an attribute of the log, or one of its resource.",
                "example": "log_attribute",
            },
            "operator": {
                "type": "string",
                "enum": list(OPERATORS),
                "description": "How the value is compared.",
                "example": "gte",
            },
            "value": {
                "description": "A text, a number, true or false, or a list of them; is_set and is_not_set need none.",
                "example": 500,
            },
        },
    },
    "FilterGroup": {
        "type": "object",
        "description": "Filters and groups, all or any of which must match.",
        "required": ["type", "values"],
        "properties": {
            "type": {
                "type": "string",
                "enum": list(GROUPS),
                "description": "Whether all must match or any.",
                "example": "AND",
            },
            "values": {
                "type": "array",
                "items": {"anyOf": [FILTER, GROUP]},
                "description": "The filters, and groups of them, 16 deep at most.",
            },
        },
    },
}

# What the field filterGroup takes: a list, a group, or nothing in one of its forms.
FILTER_GROUP_SHAPES: list[dict[str, Any]] = [
    {"type": "array", "items": {"anyOf": [FILTER, GROUP]}},
    GROUP,
    {"type": "object", "maxProperties": 0},
    {"type": "null"},
]
