"""Who changes something, and where from."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace

from webapp.models import ActorKind, PersonalApiKey, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who changes something; the audit log keeps ``label`` as it was then.

    Attributes:
        kind: a person, a program with their key, the operator, Hedgerow itself, or somebody who has not signed in.
        label: what people know them by.
        user: whose rights count; none means that there is nothing to ask (the operator, Hedgerow).
        key: what a program came with; its restriction to projects counts as well.
        address: where the request came from.
    """

    kind: ActorKind
    label: str
    user: User | None = None
    key: PersonalApiKey | None = None
    address: str = ""

    @property
    def id(self) -> int | None:
        """The number of the key or else of the person, if it is one of them."""
        who = self.key or self.user
        return who.id if who is not None else None

    def at(self, address: str) -> Actor:
        """The same, with the address that the request came from."""
        return replace(self, address=address)


SYSTEM = Actor(ActorKind.SYSTEM, "Hedgerow")


def person(user: User, address: str = "") -> Actor:
    """Return the actor for a person who has signed in."""
    return Actor(ActorKind.USER, user.email, user, address=address)


def program(key: PersonalApiKey, address: str = "") -> Actor:
    """Return the actor for a program that acts for a person."""
    return Actor(ActorKind.KEY, name_of(key), key.user, key, address)


def name_of(key: PersonalApiKey) -> str:
    """Return what the audit log calls a key."""
    return f"{key.label} (…{key.value_end}) of {key.user.email}"


def operator() -> Actor:
    """Return the actor for whoever runs a command on the machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in many containers
        name = "unknown"
    return Actor(ActorKind.OPERATOR, name)
