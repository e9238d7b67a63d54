"""``facet_values/`` and its neighbours: logs counted by their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, jsonify

from webapp.api.blueprint import ProjectBlueprint
from webapp.api.filters import scope_of
from webapp.api.schemas.facets import PLURAL, SINGULAR, FacetsAnswerSchema, FacetsBodySchema
from webapp.language import tree
from webapp.language.tree import Field
from webapp.models import Project
from webapp.services import log_facets
from webapp.services.log_facets import Facet

READ = ("logs:read",)
COLUMNS = {"severity_text": tree.LEVEL, "service_name": tree.SERVICE}

blueprint = ProjectBlueprint("aggregates_api", __name__, description="Logs counted by their values and over time.")


@blueprint.route("/facet_values/", methods=["POST"], scopes=READ, body=FacetsBodySchema, answer=FacetsAnswerSchema)
def facet_values(body: dict[str, Any], project: Project) -> Response:
    """Count logs by the values of one field or of several; a field ignores the filter on itself."""
    asked = body["query"]
    scope = scope_of(project, asked, end_inclusive=False)
    single = next((name for name in SINGULAR if asked.get(name) is not None), None)
    keys = {single: [asked[single]]} if single else {name: asked.get(name) or [] for name in PLURAL}
    fields = {(name, key): _READERS[name](key) for name, listed in keys.items() for key in listed}
    found = log_facets.find_facets(scope, list(fields.values()), text=asked.get("facetSearch") or "").facets
    facets = dict(zip(fields, found, strict=True))
    if single:
        (facet,) = found
        return jsonify({"results": _values(facet), **_mark(facet)})
    return jsonify(
        {
            name: [
                {"key": key, "values": _values(facet), **_mark(facet)}
                for (of, key), facet in facets.items()
                if of == name
            ]
            for name in PLURAL
        }
    )


_READERS: Mapping[str, Callable[[str], Field]] = dict(
    zip(
        (*SINGULAR, *PLURAL),
        2 * (COLUMNS.__getitem__, tree.resource_attribute, tree.attribute),
        strict=True,
    )
)


def _values(facet: Facet) -> list[dict[str, Any]]:
    return [{"value": value, "count": rows} for value, rows in facet.values]


def _mark(facet: Facet) -> dict[str, bool]:
    return {"approximate": True} if facet.approximate else {}
