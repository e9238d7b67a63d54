"""Schemas whose errors carry the API's codes."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

CODES = {"required": "required", "null": "null"}
SENTENCES = {
    "required": "This field is required.",
    "null": "This field may not be null.",
}


class Coded(str):
    """An error message with the code that the API gives for it; it survives marshmallow's formatting."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, text: str, code: str = "invalid_input") -> Coded:
        """Pair the text with the code."""
        message = super().__new__(cls, text)
        message.code = code
        return message

    def format(self, *args: Any, **kwargs: Any) -> Coded:
        """Fill in the places and keep the code."""
        return Coded(super().format(*args, **kwargs), self.code)


def about(description: str, example: Any, **more: Any) -> dict[str, Any]:
    """Return what the description of the API says of a field; every field has both."""
    return {"description": description, "example": example, **more}


class ApiSchema(Schema):
    """Ignores keys it does not know, as the API promises, and gives every error its code.

    The first line of a schema's docstring is its description.
    """

    error_messages = {"type": Coded("Must be an object.")}  # noqa: RUF012

    class Meta:
        """Options of marshmallow."""

        unknown = EXCLUDE

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Tell apispec what the schema is."""
        line = (cls.__doc__ or "").partition("\n")[0]
        cls.Meta = type("Meta", (cls.Meta,), {"description": line})  # type: ignore[assignment,misc]
        super().__init_subclass__(**kwargs)

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002
        """Give a field's messages their codes."""
        give_codes(field_obj)


def give_codes(field: fields.Field[Any]) -> None:
    """Put codes on the messages of a field, and of the fields inside a list."""
    for key, message in field.error_messages.items():
        if not isinstance(message, Coded):
            coded = Coded(SENTENCES.get(key, str(message)), CODES.get(key, "invalid_input"))
            field.error_messages[key] = coded
    if isinstance(field, fields.List):
        give_codes(field.inner)


class ListOf(fields.List[Any]):
    """A JSON array. marshmallow's own takes an object too, and reads its keys."""

    default_error_messages = {"invalid": "Must be a list."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class WholeNumber(fields.Integer):
    """A JSON integer: no text, no fraction, and not ``true``."""

    default_error_messages = {"invalid": "Must be a whole number."}  # noqa: RUF012

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class WholeNumberText(fields.Integer):
    """A whole number within bounds, in the query of an address, where everything is text."""

    default_error_messages = {"invalid": "Must be a whole number."}  # noqa: RUF012

    def __init__(self, least: int, most: int | None = None, **kwargs: Any) -> None:
        checks = [validate.Range(min=least, error=Coded(f"Must be at least {least}.", "min_value"))]
        if most is not None:
            checks.append(validate.Range(max=most, error=Coded(f"Must be at most {most:,}.", "max_value")))
        super().__init__(validate=checks, **kwargs)


class Flag(fields.Boolean):
    """``true`` or ``false``."""

    default_error_messages = {"invalid": "Must be true or false."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Choice(fields.String):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...], **kwargs: Any) -> None:
        self.choices = choices
        enum = [*choices, None] if kwargs.get("allow_none") else list(choices)
        super().__init__(validate=self._check, metadata={"enum": enum, **kwargs.pop("metadata", {})}, **kwargs)

    def _check(self, value: str) -> None:
        if value not in self.choices:
            allowed = ", ".join(self.choices)
            raise ValidationError(
                Coded(f'"{_cut(value)}" is not a valid choice. Choose from {allowed}.', "invalid_choice")
            )


def _cut(value: str) -> str:
    return value if len(value) <= 60 else value[:60] + "…"


ERROR_TYPES = ("validation_error", "invalid_request", "authentication_error", "throttled_error", "server_error")


class ErrorSchema(ApiSchema):
    """What went wrong."""

    type = Choice(ERROR_TYPES, required=True, metadata=about("The kind of failure.", "validation_error"))
    code = fields.String(required=True, metadata=about("What it is within its kind.", "invalid_choice"))
    detail = fields.String(
        required=True, metadata=about("A sentence for people: what was wrong, and what is allowed.", "Must be a list.")
    )
    attr = fields.String(
        required=True,
        allow_none=True,
        metadata=about("The path to the field at fault, its parts joined by two underscores.", "query__serviceNames"),
    )
    error = fields.String(metadata=about("The detail once more, in answers about logs.", "Must be a list."))
    request_id = fields.String(
        metadata=about("Finds the request in the server's log; of server errors.", "3f2a9c51b7d04e6f")
    )


class PageQuerySchema(ApiSchema):
    """Which page of a list."""

    limit = WholeNumberText(
        1, load_default=100, metadata=about("Entries of a page; more than 1000 counts as 1000.", 100)
    )
    offset = WholeNumberText(0, load_default=0, metadata=about("Entries before the page.", 0))


class PageSchema(ApiSchema):
    """A page of a list; subclasses say of what."""

    count = WholeNumber(required=True, metadata=about("Entries in all.", 1))
    next = fields.String(
        required=True, allow_none=True, metadata=about("Address of the next page, if there is one.", None, format="uri")
    )
    previous = fields.String(
        required=True, allow_none=True, metadata=about("Address of the page before, if any.", None, format="uri")
    )


def entries(schema: type[Schema]) -> ListOf:
    """Return the field of a page that holds its entries."""
    return ListOf(fields.Nested(schema), required=True, metadata={"description": "The entries of this page."})
