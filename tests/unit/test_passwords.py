"""What may be a password, and how it is compared."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from webapp.errors import ValidationFailed
from webapp.services import passwords

GOOD = "correct horse battery"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "at least 12"),
        ("elevenchars", "at least 12"),
        ("x" * 1001, "at most 1000"),
        ("ab" * 10, "5 different"),
        ("Ada.L@Example.org", "own address"),
    ],
)
def test_what_cannot_be_a_password_is_said_in_a_sentence(password: str, words: str) -> None:
    with pytest.raises(ValidationFailed, match=words) as caught:
        passwords.check_password(password, "ada.l@example.org")
    assert caught.value.attr == "password"


@pytest.mark.parametrize(
    "password", ["twelve chars", "correct horse battery staple", "pässwörter 🚀🚀🚀", "0123456789" * 100]
)
def test_length_is_all_that_is_asked_of_a_password(password: str) -> None:
    assert passwords.check_password(password, "ada@example.org")


def test_a_password_is_the_same_however_a_keyboard_composes_its_letters() -> None:
    hashed = passwords.hash_password(passwords.check_password("cafe\u0301 au lait, cher", "ada@example.org"))
    assert "cafe" not in hashed
    assert passwords.is_password(hashed, "caf\u00e9 au lait, cher")
    assert not passwords.is_password(hashed, "cafe au lait, cher")


def test_without_a_hash_no_password_is_right_whatever_nobodys_is() -> None:
    assert not passwords.is_password(None, GOOD)
    assert not passwords.is_password("not a hash", GOOD)


def test_the_hash_of_nobody_takes_as_long_as_any_other() -> None:
    assert not passwords.is_outdated(passwords.NOBODYS)


def test_a_hash_with_other_parameters_is_outdated_and_still_compared() -> None:
    older = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)
    assert passwords.is_outdated(older)
    assert passwords.is_password(older, GOOD)


def test_what_is_too_long_never_matches() -> None:
    long = "0123456789" * 101
    older = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(long[:1001])
    assert not passwords.is_password(older, long)
