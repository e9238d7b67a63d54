"""The description of the API: whole, true to its routes, and readable for programs and people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import make_app
from webapp.api.openapi import example_of
from webapp.api.reference import read_reference, type_of

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
PARTS = ("properties", "items", "anyOf", "oneOf", "$ref")  # of which an example is made


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application on nothing: what it says of itself needs no server."""
    folder = tmp_path_factory.mktemp("openapi")
    return make_app(f"sqlite:///{folder}/none.sqlite3", folder)


@pytest.fixture(scope="module")
def stranger(application: Flask) -> FlaskClient:
    return application.test_client()


@pytest.fixture(scope="module")
def document(stranger: FlaskClient) -> dict[str, Any]:
    response = stranger.get("/api/schema/")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    found: dict[str, Any] = response.get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its method and path."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method.upper() in METHODS:
                yield f"{method.upper()} {path}", operation


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, operation in operations(document):
        shared = document["paths"][name.partition(" ")[2]].get("parameters", [])
        for parameter in (*shared, *operation.get("parameters", [])):
            yield f"{name} {parameter['name']}", parameter


def test_every_route_of_the_api_is_in_it(application: Flask, document: dict[str, Any]) -> None:
    routes = {
        f"{method} {rule.rule.replace('uuid:', '').replace('<', '{').replace('>', '}')}"
        for rule in application.url_map.iter_rules()
        for method in (rule.methods or set()) & METHODS
        if rule.rule.startswith("/api/") and not rule.rule.startswith("/api/environments/")
    }
    assert len(routes) > 8
    assert {name for name, _ in operations(document)} == routes


def test_the_other_name_of_projects_serves_the_same(application: Flask) -> None:
    rules = {rule.rule for rule in application.url_map.iter_rules()}
    logs = {rule for rule in rules if rule.startswith("/api/projects/<project>/logs/")}
    assert logs
    assert {rule.replace("projects", "environments", 1) for rule in logs} <= rules


def test_every_field_has_a_description_and_an_example(document: dict[str, Any]) -> None:
    fields = [
        (f"{schema}.{name}", field)
        for schema, shape in document["components"]["schemas"].items()
        for name, field in shape["properties"].items()
    ]
    assert len(fields) > 50
    assert [name for name, field in fields if not field.get("description")] == []
    assert [name for name, field in fields if "example" not in field and not any(part in field for part in PARTS)] == []


def test_every_schema_and_operation_says_what_it_is(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    assert [name for name, operation in operations(document) if not operation.get("summary")] == []
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    found = list(parameters(document))
    assert found
    for name, parameter in found:
        assert parameter.get("description"), name
        assert "example" in parameter or "example" in parameter["schema"], name
    named = {name.rpartition(" ")[::2] for name, _ in found}
    for path in document["paths"]:
        for variable in re.findall(r"{(\w+)}", path):
            assert any(path in where and variable == last for where, last in named), (path, variable)


def test_every_operation_says_which_credentials_and_which_failures_there_are(document: dict[str, Any]) -> None:
    known = document["components"]["securitySchemes"]
    assert (known["personalApiKey"]["scheme"], known["session"]["in"]) == ("bearer", "cookie")
    for name, operation in operations(document):
        statuses = set(operation["responses"])
        assert "default" not in statuses, name
        assert {scheme for needed in operation["security"] for scheme in needed} <= set(known), name
        assert any(status < "300" for status in statuses) and "500" in statuses, name
        if operation["security"]:
            assert {"401", "403", "429", "503"} <= statuses, name
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= statuses, name
        if "{" in name:
            assert "404" in statuses, name
        if operation.get("parameters"):
            assert "400" in statuses or all(one["in"] == "path" for one in operation["parameters"]), name


def test_every_example_is_of_its_schema(document: dict[str, Any]) -> None:
    responses = list(document["components"]["responses"].values())
    bodies = 0
    for name, operation in operations(document):
        for part in (operation.get("requestBody", {}), *operation["responses"].values(), *responses):
            for media in part.get("content", {}).values():
                schema = {**media["schema"], "components": document["components"]}
                jsonschema_rs.Draft202012Validator(schema).validate(media["example"])
                bodies += 1
        assert bodies, name


def test_every_example_of_a_field_is_of_its_schema(document: dict[str, Any]) -> None:
    for name, shape in document["components"]["schemas"].items():
        for field, schema in shape["properties"].items():
            example = example_of(schema, document["components"]["schemas"])
            validator = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
            assert validator.is_valid(example), (name, field, example)


def test_as_yaml_it_says_the_same(stranger: FlaskClient, document: dict[str, Any]) -> None:
    response = stranger.get("/api/schema?format=yaml")
    assert response.mimetype == "application/yaml"
    assert "&id" not in response.text
    assert yaml.safe_load(response.text) == document
    assert stranger.get("/api/schema/?format=json").get_json() == document
    refused = stranger.get("/api/schema/?format=xml")
    assert (refused.status_code, refused.get_json()["attr"]) == (400, "format")


def test_the_page_shows_all_of_it_from_files_of_our_own(stranger: FlaskClient, document: dict[str, Any]) -> None:
    response = stranger.get("/api/docs/")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    page = response.text
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert {operation["operationId"] for _, operation in operations(document)} <= ids
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= ids
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page
    loaded = re.findall(r'(?:src|<link rel="stylesheet" href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
    assert not re.search(r"\s(on[a-z]+|style)=", page)


def test_what_a_document_says_is_never_markup(application: Flask, document: dict[str, Any]) -> None:
    hostile = {**document, "info": {"title": "x", "description": "<script>alert(1)</script>"}}
    with application.test_request_context():
        from flask import render_template

        page = render_template("api/docs.html", reference=read_reference(hostile))
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": ["string", "null"]}, "text or null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, "list of Row"),
        ({"anyOf": [{"$ref": "#/components/schemas/Row"}, {"type": "null"}]}, "Row or null"),
        ({}, "any value"),
    ],
)
def test_types_are_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert type_of(schema).words == words
