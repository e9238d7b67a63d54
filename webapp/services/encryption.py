"""Secrets at rest: hashed where we only need to recognise them, encrypted where they must be shown again."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from webapp.errors import Unavailable
from webapp.extensions import settings

PURPOSE = b"hedgerow secrets at rest, version 1"


def new_secret(prefix: str) -> str:
    """Make a secret with 256 bits of randomness behind a prefix that says what it is."""
    return prefix + secrets.token_urlsafe(32)


def hash_secret(value: str) -> str:
    """Return the hash by which a secret is found again.

    A plain SHA-256 is right here: with 256 random bits there is nothing to guess, and it costs no time per request.
    """
    return hashlib.sha256(value.encode()).hexdigest()


def encrypt(value: str) -> str:
    """Encrypt for the database, so that a copy of it alone reveals nothing."""
    return _cipher().encrypt(value.encode()).decode()


def decrypt(value: str) -> str:
    """Undo ``encrypt``.

    Raises:
        Unavailable: the value was encrypted under another ``HEDGEROW_SECRET_KEY``.
    """
    try:
        return _cipher().decrypt(value.encode()).decode()
    except InvalidToken:
        raise Unavailable(
            "A stored secret cannot be read with the present HEDGEROW_SECRET_KEY. Start Hedgerow with the key it was "
            "stored under, or replace the secret."
        ) from None


def _cipher() -> MultiFernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.secret_key.encode())
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derived))])
