"""Schemas whose errors carry the API's codes."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

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


class ApiSchema(Schema):
    """Ignores keys it does not know, as the API promises, and gives every error its code."""

    error_messages = {"type": Coded("Must be an object.")}  # noqa: RUF012

    class Meta:
        """Options of marshmallow."""

        unknown = EXCLUDE

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
        super().__init__(validate=self._check, metadata={"enum": list(choices), **kwargs.pop("metadata", {})}, **kwargs)

    def _check(self, value: str) -> None:
        if value not in self.choices:
            allowed = ", ".join(self.choices)
            raise ValidationError(
                Coded(f'"{_cut(value)}" is not a valid choice. Choose from {allowed}.', "invalid_choice")
            )


def _cut(value: str) -> str:
    return value if len(value) <= 60 else value[:60] + "…"


class ErrorSchema(ApiSchema):
    """What went wrong."""

    type = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    attr = fields.String(required=True, allow_none=True)
