"""What is wrong with a text that a person wrote, in words for that person."""

from __future__ import annotations


class LanguageError(ValueError):
    """A text could not be read.

    Attributes:
        detail: one or two plain sentences: what was wrong and what is allowed.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class QuerySyntaxError(LanguageError):
    """A search could not be read.

    Attributes:
        start, end: the characters of the text that are at fault, end exclusive; never empty unless at the very end.
    """

    def __init__(self, detail: str, start: int, end: int) -> None:
        super().__init__(detail)
        self.start = start
        self.end = end


class InexpressibleError(LanguageError):
    """A filter tree has no form as a search."""


class MomentError(LanguageError):
    """A date could not be read."""


class TimeBoxError(LanguageError):
    """The text of a time box could not be read."""
