"""``/api/schema/`` and ``/api/docs/``: what the API takes and gives, for programs and for people. Open to everyone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml
from flask import Response, current_app, jsonify, make_response, render_template
from marshmallow import Schema

from webapp.api.blueprint import ApiBlueprint, View
from webapp.api.openapi import REQUEST_ID, SchemaApi
from webapp.api.reference import read_reference
from webapp.api.schemas.docs import FormatQuerySchema

JSON, YAML = "application/json", "application/yaml"
DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Hedgerow", "version": "1"}}


class OpenBlueprint(ApiBlueprint):
    """Routes that ask for no credential, and answer in several forms."""

    def route(
        self, rule: str, *, query: type[Schema] | None = None, forms: dict[str, Any], description: str
    ) -> Callable[[View], View]:
        """Register a view; ``forms`` are the content types of its answer with an example each."""
        register = super().route(rule, methods=["GET"], strict_slashes=False)

        def decorate(view: View) -> View:
            inner = self.doc(operationId=f"{self.name}_{view.__name__}", security=[])(view)
            for form, example in forms.items():
                inner = self.alt_response(
                    200,
                    schema={"type": "string" if isinstance(example, str) else "object"},
                    content_type=form,
                    description=description,
                    example=example,
                    headers={"X-Request-Id": REQUEST_ID},
                )(inner)
            inner = self.alt_response(500, response="INTERNAL_SERVER_ERROR")(inner)
            if query is not None:
                inner = self.arguments(query, location="query")(inner)
            register(inner)
            return view

        return decorate


blueprint = OpenBlueprint("api", __name__, url_prefix="/api", description="The description of the API.")


@blueprint.route(
    "/schema/", query=FormatQuerySchema, forms={JSON: DOCUMENT, YAML: DOCUMENT}, description="An OpenAPI document."
)
def schema(query: dict[str, Any]) -> Response:
    """Describe the API as OpenAPI 3.1, made from the schemas that check requests."""
    if query.get("format") == "yaml":
        plain = json.loads(json.dumps(_document()))  # without it, parts that occur twice would be written as aliases
        return Response(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), content_type=YAML)
    return jsonify(_document())


@blueprint.route("/docs/", forms={"text/html": "<!doctype html>…"}, description="A page.")
def docs() -> Response:
    """Show the same to people."""
    return make_response(render_template("api/docs.html", reference=read_reference(_document())))


def _document() -> dict[str, Any]:
    api: SchemaApi = current_app.extensions["hedgerow_openapi"]
    return api.document
