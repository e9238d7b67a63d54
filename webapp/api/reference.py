"""An OpenAPI document → what a page shows of it. Pure: it knows the document and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
CREDENTIALS = {"personalApiKey": "personal API key", "session": "session"}


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is, in words; ``schemas`` are the names of those that the words speak of."""

    words: str
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of an object."""

    name: str
    type: Type
    required: bool
    description: str
    facts: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Content:
    """A body: of a request or of an answer."""

    media: str
    type: Type
    example: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a status means."""

    status: str
    description: str
    headers: tuple[str, ...]
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of an address."""

    id: str
    method: str
    path: str
    summary: str
    credentials: str
    parameters: tuple[Field, ...]
    body: Content | None
    answers: tuple[Answer, ...]

    @property
    def good(self) -> tuple[Answer, ...]:
        """The answers that are no failures."""
        return tuple(answer for answer in self.answers if answer.status < "400")

    @property
    def failures(self) -> tuple[Answer, ...]:
        """The others."""
        return tuple(answer for answer in self.answers if answer.status >= "400")


@dataclass(frozen=True, slots=True)
class Group:
    """Operations about one thing."""

    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A named schema."""

    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole page."""

    title: str
    description: tuple[str, ...]
    credentials: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    shapes: tuple[Shape, ...]


def read_reference(document: Mapping[str, Any]) -> Reference:
    """Read the page from the document."""
    components = document["components"]
    operations = list(_operations(document))
    groups = [
        Group(tag["name"], tag["description"], tuple(found for name, found in operations if name == tag["name"]))
        for tag in document["tags"]
    ]
    shapes = [
        Shape(name, schema.get("description", ""), _fields(schema)) for name, schema in components["schemas"].items()
    ]
    credentials = [
        (CREDENTIALS.get(name, name), scheme["description"]) for name, scheme in components["securitySchemes"].items()
    ]
    return Reference(
        document["info"]["title"],
        tuple(document["info"]["description"].split("\n\n")),
        tuple(credentials),
        tuple(groups),
        tuple(sorted(shapes, key=lambda shape: shape.name)),
    )


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                yield operation["tags"][0], _operation(document, path, method, operation, item.get("parameters", []))


def _operation(
    document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any], shared: list[dict[str, Any]]
) -> Operation:
    parameters = [
        _field(f"{found['name']} ({found['in']})", {**found["schema"], **found}, bool(found.get("required")))
        for found in (*shared, *operation.get("parameters", []))
    ]
    bodies = _contents(operation.get("requestBody", {}))
    return Operation(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        _credentials(operation["security"]),
        tuple(parameters),
        bodies[0] if bodies else None,
        tuple(_answers(document, operation["responses"])),
    )


def _credentials(security: list[dict[str, list[str]]]) -> str:
    if not security:
        return "nothing: open to everyone"
    words = []
    for needed in security:
        for name, scopes in needed.items():
            word = CREDENTIALS.get(name, name)
            words.append(f"{word} with {' or '.join(scopes)}" if scopes else word)
    return ", or ".join(words)


def _answers(document: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, response in sorted(responses.items()):
        found = response
        if "$ref" in found:
            found = document["components"]["responses"][_name(found)]
        yield Answer(str(status), found["description"], tuple(found.get("headers", {})), _contents(found))


def _contents(part: Mapping[str, Any]) -> tuple[Content, ...]:
    return tuple(
        Content(media, type_of(found["schema"]), _written(found.get("example")))
        for media, found in part.get("content", {}).items()
    )


def _fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    required = schema.get("required", [])
    return tuple(_field(name, part, name in required) for name, part in schema.get("properties", {}).items())


def _field(name: str, schema: Mapping[str, Any], required: bool) -> Field:
    example = _written(schema["example"]) if "example" in schema else ""
    return Field(name, type_of(schema), required, schema.get("description", ""), tuple(_facts(schema)), example)


def type_of(schema: Mapping[str, Any]) -> Type:
    """Say what a value is."""
    if "$ref" in schema:
        return Type(_name(schema), (_name(schema),))
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            parts = [type_of(part) for part in schema[choices]]
            return Type(" or ".join(dict.fromkeys(part.words for part in parts)), _schemas(parts))
    kinds = schema.get("type", "any value")
    words = []
    inner: list[Type] = []
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind == "array":
            inner.append(type_of(schema.get("items", {})))
            words.append(f"list of {inner[-1].words}")
        else:
            words.append("text" if kind == "string" else kind)
    return Type(" or ".join(words), _schemas(inner))


def _schemas(types: list[Type]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in types for name in part.schemas))


def _facts(schema: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield "one of " + ", ".join(_written(value) for value in schema["enum"])
    names = {
        "format": "format",
        "pattern": "pattern",
        "minimum": "at least",
        "maximum": "at most",
        "minLength": "characters, at least",
        "maxLength": "characters, at most",
        "maxItems": "entries, at most",
        "default": "default",
    }
    for key, words in names.items():
        if key in schema:
            yield f"{words} {schema[key] if isinstance(schema[key], str) else _written(schema[key])}"


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _written(value: Any) -> str:
    if isinstance(value, (dict, list)):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= 60 else json.dumps(value, ensure_ascii=False, indent=2)
    return json.dumps(value, ensure_ascii=False)
