"""``attributes/`` and ``values/``: what logs may be filtered by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify
from marshmallow import ValidationError

from webapp.api.blueprint import MAX_DEPTH, ProjectBlueprint, first_error, is_deeper_than
from webapp.api.filters import scope_of
from webapp.api.schemas.attributes import (
    MAX_KEYS,
    MAX_PAGE,
    AttributeKeysAnswerSchema,
    AttributeKeysArgsSchema,
    AttributeValuesAnswerSchema,
    AttributeValuesArgsSchema,
)
from webapp.api.schemas.logs import LogsFilterSchema
from webapp.errors import ValidationFailed
from webapp.models import Project
from webapp.queries.attribute_keys import Wanted
from webapp.queries.scope import Scope
from webapp.services import log_attributes, log_values

READ = ("logs:read",)
LEAST_SEARCHED = 4  # a shorter piece is in the values of nearly every key
FILTER_TYPES = {"log": "log_attribute", "resource": "log_resource_attribute"}


blueprint = ProjectBlueprint("attributes_api", __name__, description="What logs may be filtered by: keys and values.")


@blueprint.route(
    "/attributes/", methods=["GET"], scopes=READ, query=AttributeKeysArgsSchema, answer=AttributeKeysAnswerSchema
)
def attributes(args: dict[str, Any], project: Project) -> Response:
    """List the keys of attributes, the best match first."""
    kind, text = args.get("attribute_type", "log"), args.get("search", "")
    in_values = args.get("search_values", False) and len(text) >= LEAST_SEARCHED
    wanted = Wanted(kind, text, in_values, _keys(args.get("keys", "")))
    found = log_attributes.find_keys(_scope(project, args), wanted, **_page(args))
    results = [
        {
            "name": key.name,
            "propertyFilterType": FILTER_TYPES[kind],
            "matchedOn": "key" if key.value is None else "value",
            "matchedValue": key.value,
        }
        for key in found.keys
    ]
    return jsonify({"results": results, "count": found.total, "approximate": found.approximate})


@blueprint.route(
    "/values/", methods=["GET"], scopes=READ, query=AttributeValuesArgsSchema, answer=AttributeValuesAnswerSchema
)
def values(args: dict[str, Any], project: Project) -> Response:
    """List the values of a key, or of the column service_name, severity_text or event_name, the most frequent first."""
    asked = log_values.Asked(args.get("attribute_type", "log"), args["key"], args.get("value", ""), **_page(args))
    found = log_values.find_values(_scope(project, args), asked)
    results = [{"id": value, "name": value, "count": count} for value, count in found.values]
    return jsonify({"results": results, "refreshing": False, "approximate": found.approximate})


def _page(args: Mapping[str, Any]) -> dict[str, int]:
    return {"limit": args.get("limit", MAX_PAGE), "offset": args.get("offset", 0)}


def _keys(text: str) -> tuple[str, ...]:
    """Read a list of keys: in JSON, or with commas between, in which case none has a comma in it."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        listed = None
    if isinstance(listed, list) and all(isinstance(key, str) for key in listed):
        keys = tuple(listed)
    else:
        keys = tuple(key for key in text.split(",") if key)
    if len(keys) > MAX_KEYS:
        raise ValidationFailed(f"Must be at most {MAX_KEYS} keys.", attr="keys", code="max_length")
    return keys


def _scope(project: Project, args: Mapping[str, Any]) -> Scope:
    """Check the filters of an address as those of a body are; errors name the argument."""
    asked = {name: args[name] for name in ("dateRange", "serviceNames", "filterGroup") if args.get(name) is not None}
    plain = {name: args[name] for name in ("date_from", "date_to") if args.get(name)}
    if plain:
        given = asked.get("dateRange")
        asked["dateRange"] = {**(given if isinstance(given, dict) else {}), **plain}
    if is_deeper_than(MAX_DEPTH, asked):
        raise ValidationFailed(f"The filters are nested deeper than {MAX_DEPTH} levels.", attr="filterGroup")
    try:
        query = LogsFilterSchema().load(asked)
    except ValidationError as error:
        raise first_error(ValidationError({"query": error.messages})) from None
    try:
        return scope_of(project, query, end_inclusive=False)
    except ValidationFailed as error:
        error.attr = (error.attr or "").removeprefix("query__")
        raise
