"""The actions of the status line, as the templates show them: saved views, and the files of a search."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.errors import HedgerowError


@dataclass(frozen=True, slots=True)
class OpenView:
    """The saved view that is open, and whether the page shows something else by now.

    ``name`` is for the form, ``shown`` for everywhere else; ``unsaid`` is what the page cannot show of it.
    """

    short_id: str
    name: str
    shown: str
    pinned: bool
    is_changed: bool
    unsaid: tuple[str, ...]
    url: str


@dataclass(slots=True)
class ViewsBar:
    """What the status line does with saved views. ``name`` and ``pinned`` are those of the form."""

    may_save: bool
    open: OpenView | None
    name: str
    pinned: bool
    menu_url: str
    all_url: str
    leave_url: str
    create_url: str
    change_url: str
    delete_url: str
    error: HedgerowError | None = None


@dataclass(frozen=True, slots=True)
class ViewItem:
    """A view in the menu."""

    name: str
    pinned: bool
    current: bool
    url: str


@dataclass(frozen=True, slots=True)
class FileForm:
    """A form of file: what it is called and good for, where it is, how large it will be, if that is known."""

    name: str
    use: str
    url: str
    size: str


@dataclass(frozen=True, slots=True)
class Export:
    """The files of a search; ``line`` says how many rows they will have. ``asks``: it is still to be counted."""

    forms: list[FileForm]
    size_url: str
    line: str
    asks: bool
    error: HedgerowError | None = None
