from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from webapp.observability.shipping import attributes_of, is_unshipped, unshipped


def test_attributes_keep_the_types_that_opentelemetry_has() -> None:
    event = {"event": "hi", "level": "info", "logger": "x", "n": 3, "f": 0.5, "ok": True, "raw": b"\x00", "who": "Ægir"}
    assert attributes_of(event) == {"n": 3, "f": 0.5, "ok": True, "raw": b"\x00", "who": "Ægir"}


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (Path("/data"), "/data"),
        (2**64, "18446744073709551616"),
        ("half \ud83d", "half ?"),
        ({"a": {1: Path("x")}}, {"a": {"1": "x"}}),
        (("a", 1, None), ["a", 1, "None"]),
    ],
)
def test_other_values_become_what_protobuf_can_carry(value: Any, stored: Any) -> None:
    assert attributes_of({"value": value}) == {"value": stored}


def test_an_unset_value_is_no_attribute() -> None:
    assert attributes_of({"size": None}) == {}


@pytest.mark.parametrize("form", ["true", "exception", "tuple"])
def test_an_exception_is_taken_apart(form: str) -> None:
    try:
        raise FileNotFoundError("no such part")
    except FileNotFoundError as error:
        exc_info = {"true": True, "exception": error, "tuple": sys.exc_info()}[form]
        found = attributes_of({"exc_info": exc_info})
    assert found["exception.type"] == "FileNotFoundError"
    assert found["exception.message"] == "no such part"
    assert found["exception.stacktrace"].startswith("Traceback (most recent call last):")
    assert found["exception.stacktrace"].endswith("FileNotFoundError: no such part\n")


def test_an_exception_of_a_library_is_named_with_its_module() -> None:
    from json import JSONDecodeError

    found = attributes_of({"exc_info": JSONDecodeError("odd", "{", 0)})
    assert found["exception.type"] == "json.decoder.JSONDecodeError"


def test_unshipped_ends_with_its_block() -> None:
    with unshipped():
        assert is_unshipped()
    assert not is_unshipped()
