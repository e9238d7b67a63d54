"""Passwords: what may be one, and how they are kept.

Argon2id with the second recommendation of RFC 9106, for machines that have other things to do with their memory:
three passes over 64 MiB in four lanes, some 0.2 s of CPU. Guessing costs an attacker with a copy of the database as
much for each try, and graphics cards run out of memory before they run out of cores. A stored hash names its own
parameters: whatever is changed here applies to everybody at their next sign-in.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.errors import Unavailable, ValidationFailed

# Length is what counts, rules about digits and signs make people write "Password1!" (NIST SP 800-63B). Twelve
# characters hold against guessing at the rate that the limits of sign-ins allow, and a copied database for years.
MIN_LENGTH = 12
MAX_LENGTH = 1000  # no phrase is longer, and work on megabytes of text is nothing that we owe to strangers
MIN_DIFFERENT = 5  # "aaaaaaaaaaaa" is no password at any length

AT_ONCE = 2  # a process never holds more than 2 × 64 MiB for this, however many sign in
WAIT_S = 5.0

hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16)
_slots = threading.BoundedSemaphore(AT_ONCE)

# What the passwords of nobody are compared with, so that an address without an account takes as long to answer.
# A test holds its parameters to those above.
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$XJh9Uh7tffyDo/5l3COLkw$S6BD+iCI4FCBDyro01NWHt8ezAzSYPCiz5X1R9jp0XQ"


def check_password(password: str, email: str) -> str:
    """Return a new password in the form in which it is hashed.

    Raises:
        ValidationFailed: too short, too long, or too easy to guess; ``attr`` is ``password``.
    """
    text = normalize(password)
    if len(text) < MIN_LENGTH:
        raise ValidationFailed(f"A password has at least {MIN_LENGTH} characters. Several words are good.", "password")
    if len(text) > MAX_LENGTH:
        raise ValidationFailed(f"A password has at most {MAX_LENGTH} characters.", "password")
    if len(set(text)) < MIN_DIFFERENT:
        raise ValidationFailed(f"A password has at least {MIN_DIFFERENT} different characters.", "password")
    if text.lower() == email.lower():
        raise ValidationFailed("Your own address is not a password: it is the first thing that is tried.", "password")
    return text


def hash_password(password: str) -> str:
    """Return what is kept of a password that ``check_password`` has passed."""
    with _slot():
        return hasher.hash(_bytes(password))


def is_password(stored: str | None, password: str) -> bool:
    """Whether this is the password of that hash; it takes as long where there is no hash."""
    text = normalize(password[: MAX_LENGTH + 1])
    try:
        with _slot():
            hasher.verify(stored or NOBODYS, _bytes(text))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None and len(text) <= MAX_LENGTH


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(stored)


def normalize(password: str) -> str:
    """Bring what keyboards type differently to one form: é in one character or in two is the same password."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=WAIT_S):
        raise Unavailable("Too many people are signing in at this moment. Try again in a few seconds.")
    try:
        yield
    finally:
        _slots.release()
