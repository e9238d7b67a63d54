"""``docs/api/`` names every endpoint, parameter and field that there is, and no other: the OpenAPI document knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import docs
from tests.support.accounts import make_app
from tests.support.docs import Endpoint, Table

Schema = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
HEALTH = {"GET /healthz", "GET /readyz"}  # of no interest to clients of the API, so not in the document
KINDS = {"string": "text"}
LIMITS = ("maxLength", "maxItems", "minimum", "maximum", "minLength")


class Described:
    """The OpenAPI document, as the tests look things up in it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = document["paths"]
        self.schemas: dict[str, Schema] = document["components"]["schemas"]

    @property
    def operations(self) -> dict[str, Schema]:
        """Every operation by its method and path, with the parameters that all of a path share."""
        return {
            f"{method.upper()} {path}": {
                **item[method],
                "parameters": [*item.get("parameters", []), *item[method].get("parameters", [])],
            }
            for path, item in self.paths.items()
            for method in METHODS
            if method in item
        }

    def plain(self, schema: Schema) -> Schema:
        """Follow a reference, and leave out that a value may be null."""
        if "$ref" in schema:
            return self.schemas[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema and "type" not in schema:
            others = [part for part in schema["anyOf"] if part != {"type": "null"}]
            return {**schema, **self.plain(others[0]), "anyOf": others} if len(others) > 1 else self.plain(others[0])
        return schema

    def words(self, schema: Schema) -> str:
        """Say what a value is, as the pages do."""
        if len(parts := self.plain(schema).get("anyOf", [])) > 1:
            return " or ".join(dict.fromkeys(self.words(part) for part in parts))
        schema = self.plain(schema)
        kinds = schema.get("type", "any")
        kind = next(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")
        if kind != "array":
            return KINDS.get(kind, kind)
        inner = "object" if "anyOf" in schema["items"] else self.words(schema["items"])
        return "list" if inner == "any" else f"list of {inner}"

    def fields(self, schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
        """Yield each field of an answer, and of what is in it, with the way there."""
        schema = self.plain(schema)
        if schema.get("type") == "array" or "array" in schema.get("type", ()):
            yield from self.fields(schema["items"], f"{prefix}[]")
        for name, part in schema.get("properties", {}).items():
            path = f"{prefix}.{name}" if prefix else name
            yield path, part
            yield from self.fields(part, path)

    def parameters(self, operation: Schema) -> dict[str, Schema]:
        """Return what an operation takes: in its address, and in its body or the ``query`` of that."""
        found = {
            parameter["name"]: {**parameter["schema"], "needed": parameter.get("required", False)}
            for parameter in operation["parameters"]
            if parameter["name"] != "project"  # told once, for all
        }
        if "requestBody" in operation:
            [media] = operation["requestBody"]["content"].values()
            body = self.plain(media["schema"])
            found |= self.properties(body["properties"].get("query", body))
        return found

    def properties(self, schema: Schema) -> dict[str, Schema]:
        """Return the properties of an object, or of the objects in a list."""
        schema = self.plain(schema)
        if "items" in schema:
            return self.properties(schema["items"])
        return {
            name: {**part, "needed": name in schema.get("required", [])}
            for name, part in schema.get("properties", {}).items()
        }


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Described:
    """The document of an application on nothing."""
    folder = tmp_path_factory.mktemp("docs")
    client = make_app(f"sqlite:///{folder}/none.sqlite3", folder).test_client()
    return Described(client.get("/api/schema/").get_json())


def told(text: str, kind: str, about: str = "") -> list[Table]:
    return [table for table in docs.tables(text) if table.kind == kind and table.about == about]


def check_parameters(described: Described, tables: list[Table], expected: dict[str, Schema]) -> None:
    """Compare tables of parameters with what there is: the names, and of those told here type, default and limits."""
    rows = [row for table in tables for row in table.rows]
    assert sorted(name for row in rows for name in docs.words_in(row[0])) == sorted(expected)
    for name, type_, default, *rest in rows:
        names = docs.words_in(name)
        if not type_:
            assert "](" in rest[-1], name
            continue
        [schema] = [expected[name] for name in names]
        plain = described.plain(schema)
        assert type_ == described.words(schema), name
        assert (default == "required") == schema["needed"], name
        if "default" in schema:
            shown = schema["default"] if not isinstance(schema["default"], bool) else str(schema["default"]).lower()
            assert default.strip("`") == str(shown), name
        for part in (plain, plain.get("items", {})):
            limits = [part[key] for key in LIMITS if key in part]
            said = " ".join(rest)
            assert [n for n in limits if not {str(n), f"{n:,}"} & set(said.replace(";", " ").split())] == [], name
            choices = [] if "](#" in said else part.get("enum", [])  # or they are told at length
            assert [one for one in choices if one is not None and f"`{one}`" not in said] == [], name


def check_fields(described: Described, tables: list[Table], schema: Schema) -> None:
    """Compare tables of fields with those that an answer has; a row without a type stands for all that is in it."""
    expected = dict(described.fields(schema))
    named: list[str] = []
    shared: list[str] = []
    for table in tables:
        for name, type_, meaning in table.rows:
            paths = [f"{table.about}.{word}" if table.about else word for word in docs.words_in(name)]
            named += paths
            if type_:
                assert {type_} == {described.words(expected[path]) for path in paths if path in expected}, name
            else:
                assert "](" in meaning, name
                shared += paths
    inside = [path for path in expected if any(path.startswith((f"{top}.", f"{top}[")) for top in shared)]
    assert sorted(named) == sorted(set(expected) - set(inside))


def test_every_endpoint_is_on_one_page(described: Described) -> None:
    found = Counter(endpoint.name for endpoint in docs.endpoints())
    assert found == Counter([*described.operations, *HEALTH])
    homes = {(endpoint.path.partition("{short_id}")[0], endpoint.page) for endpoint in docs.endpoints()}
    assert max(Counter(path for path, _ in homes).values()) == 1


def test_every_page_says_who_may_ask(described: Described) -> None:
    for endpoint in docs.endpoints():
        if endpoint.name not in HEALTH:
            assert endpoint.who == who(described.operations[endpoint.name]["security"]), endpoint.name


def who(security: list[dict[str, list[str]]]) -> str:
    if not security:
        return "open to everyone"
    scopes = {name: scopes for needed in security for name, scopes in needed.items()}
    if "personalApiKey" not in scopes:
        return "a session only"
    return f"scope `{scopes['personalApiKey'][0]}`" if scopes["personalApiKey"] else "any key"


def test_exports_are_said_to_be_missing_as_long_as_they_are(described: Described) -> None:
    are_there = any("/export" in path for path in described.paths)
    assert ("no endpoints for exports yet" in docs.read("authentication.md")) != are_there


def described_endpoints() -> list[Endpoint]:
    return [endpoint for endpoint in docs.endpoints() if endpoint.name not in HEALTH]


@pytest.mark.parametrize("endpoint", described_endpoints(), ids=lambda endpoint: endpoint.name)
def test_the_parameters_of_a_page_are_those_that_are_read(described: Described, endpoint: Endpoint) -> None:
    expected = described.parameters(described.operations[endpoint.name])
    check_parameters(described, told(endpoint.text, "name"), expected)
    for table in docs.tables(endpoint.text):
        if table.kind == "name" and table.about:
            check_parameters(described, [table], described.properties(expected[table.about]))


def test_every_page_says_whether_a_question_is_required(described: Described) -> None:
    for endpoint in described_endpoints():
        for media in described.operations[endpoint.name].get("requestBody", {}).get("content", {}).values():
            body = described.plain(media["schema"])
            asks = "query" in body["properties"]
            assert ("In `query`" in endpoint.text) == asks, endpoint.name
            needed = "query" in body.get("required", [])
            assert ("In `query`, which is required" in endpoint.text) == needed, endpoint.name


@pytest.mark.parametrize("endpoint", described_endpoints(), ids=lambda endpoint: endpoint.name)
def test_the_fields_of_a_page_are_those_of_the_answer(described: Described, endpoint: Endpoint) -> None:
    responses = described.operations[endpoint.name]["responses"]
    [answer] = [response for status, response in responses.items() if status < "300"]
    tables = [table for table in docs.tables(endpoint.text) if table.kind == "field"]
    for media in answer.get("content", {}).values():
        if tables or media["schema"] != entry_of_list(described, endpoint.page):
            check_fields(described, tables, media["schema"])


def entry_of_list(described: Described, page: str) -> Schema | None:
    """Return what the list of a page has as its entries; its fields are told there, and need not be told again."""
    for endpoint in docs.endpoints_of(page):
        answer = described.operations.get(endpoint.name, {}).get("responses", {}).get("200", {})
        for media in answer.get("content", {}).values():
            properties = described.plain(media["schema"]).get("properties", {})
            if "previous" in properties:
                entry: Schema = properties["results"]["items"]
                return entry
    return None


def test_what_pages_share_is_told_whole(described: Described) -> None:
    filters = docs.read("filters.md")
    which = docs.section(filters, "Which logs")
    check_parameters(described, told(which, "name"), described.properties(described.schemas["LogsFilter"]))
    for about in ("DateRange", "FilterGroup", "Filter"):
        tables = told(filters, "name", "dateRange" if about == "DateRange" else about)
        assert tables
        check_parameters(described, tables, described.properties(described.schemas[about]))
    lists = docs.section(docs.read("paging.md"), "Lists")
    operation = described.operations["GET /api/projects/"]
    check_parameters(described, told(lists, "name"), described.parameters(operation))
    entries = {"type": "array", "items": {"type": "object"}}
    every = {**described.schemas["ProjectList"]["properties"], "results": entries}
    check_fields(described, told(lists, "field"), {"type": "object", "properties": every})
    check_fields(described, told(docs.read("errors.md"), "field"), described.schemas["Error"])
    assert [row[0] for row in told(docs.read("index.md"), "name")[0].rows] == ["`project`"]


def test_every_failure_of_an_endpoint_is_among_the_errors(described: Described) -> None:
    [table] = [table for table in docs.tables(docs.read("errors.md")) if table.header[:2] == ["status", "`type`"]]
    failures = {row[0] for row in table.rows}
    for name, operation in described.operations.items():
        assert {status for status in operation["responses"] if status >= "400"} <= failures, name
    codes = {code for row in table.rows for code in docs.words_in(row[2])}
    named = {
        docs.words_in(row[1])[0] for page in docs.pages() for one in told(docs.read(page), "sent") for row in one.rows
    }
    assert named <= codes
