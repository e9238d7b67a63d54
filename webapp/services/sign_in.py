"""Signing in with a password, and changing it."""

from __future__ import annotations

from sqlalchemy import delete, select

from webapp.errors import AuthenticationFailed, ValidationFailed
from webapp.extensions import db
from webapp.models import SignInLink, User
from webapp.models.types import utc_now
from webapp.services import passwords
from webapp.services.accounts import subject_of
from webapp.services.actors import Actor, person
from webapp.services.audit import Subject, record, tally
from webapp.services.rate_limits import Limit, forget, network_of, refund, spend

# At ten guesses in a quarter of an hour, a year allows 350,000: nothing against twelve characters.
BY_ACCOUNT = Limit("sign-in-account", times=10, window_s=900)
# An office behind one address signs in on Monday morning; a good sign-in does not count.
BY_ADDRESS = Limit("sign-in-address", times=50, window_s=900)

MAX_EMAIL = 254
WRONG = "The email address or the password is wrong."


def sign_in(email: str, password: str, address: str) -> User:
    """Return the person of this address and password.

    An address without an account, one without a password, a disabled one and a wrong password are told apart neither
    by the answer nor by the time it takes.

    Raises:
        AuthenticationFailed: that is not them.
        Throttled: too many attempts for this account, or from this network.
    """
    email = email.replace("\0", "").strip().lower()[:MAX_EMAIL]
    network = network_of(address)
    spend(BY_ADDRESS, network)
    spend(BY_ACCOUNT, email)
    user = db.session.scalars(select(User).where(User.email == email)).first()
    usable = user is not None and user.is_active
    good = passwords.is_password(user.password_hash if user is not None and usable else None, password)
    if user is None or not good:
        tally("sign_in.failed", _tried(user), address, utc_now())
        raise AuthenticationFailed(WRONG)
    if user.password_hash is not None and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(passwords.normalize(password))
    record(person(user, address), "sign_in.succeeded", subject_of(user), after={"by": "password"})
    db.session.commit()
    forget(BY_ACCOUNT, email)
    refund(BY_ADDRESS, network)
    return user


def change_password(user: User, old: str, new: str, by: Actor) -> None:
    """Give a person who knows their password another one.

    Raises:
        ValidationFailed: the old one is wrong, or the new one cannot be a password; ``attr`` names which.
        Throttled: too many wrong ones.
    """
    spend(BY_ACCOUNT, user.email)
    if not passwords.is_password(user.password_hash, old):
        tally("password.refused", subject_of(user), by.address, utc_now())
        raise ValidationFailed("This is not your present password.", "old")
    forget(BY_ACCOUNT, user.email)
    set_password(user, new, by)


def set_password(user: User, password: str, by: Actor) -> None:
    """Give a person a password. Every session ends, and every link that would sign them in.

    Whoever calls has made sure that it is them, or the operator.

    Raises:
        ValidationFailed: it cannot be a password.
    """
    had_one = user.password_hash is not None
    hashed = passwords.hash_password(passwords.check_password(password, user.email))
    user.password_hash = hashed
    user.session_version = User.session_version + 1
    db.session.execute(delete(SignInLink).where(SignInLink.user_id == user.id, SignInLink.used_at.is_(None)))
    record(by, "password.changed" if had_one else "password.set", subject_of(user))
    db.session.commit()


def _tried(user: User | None) -> Subject:
    """Return whose account was tried; guessed addresses are counted together, and not kept."""
    return subject_of(user) if user is not None else Subject("user", None, "an address without an account")
