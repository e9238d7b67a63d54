"""What a group of lines of one shape has in common, as a text for people and as an expression that finds the lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.patterns.lines import REST, SPACE, WORD, Line
from webapp.patterns.masks import BY_CODE, MARK

# Words that differ: text without white space, or any text, if some of it has a mask that may hold white space.
ANY, ANY_WITH_SPACES = f"{MARK}w", f"{MARK}W"
ANY_NAME = "*"
# Of an expression; a longer one is cut, and finds more lines than it has to. A search takes 1,000 characters.
MAX_CHARACTERS = 900

_CODE = re.compile(f"{MARK}(.)", re.DOTALL)
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_SPACED = re.compile(f"{MARK}[{''.join(code for code, mask in BY_CODE.items() if mask.has_spaces)}W]")
_NAMES = {
    **{code: mask.name for code, mask in BY_CODE.items()},
    ANY[1]: ANY_NAME,
    ANY_WITH_SPACES[1]: ANY_NAME,
    REST[1]: ANY_NAME,
}
_FINDS = {
    **{code: mask.finds for code, mask in BY_CODE.items()},
    SPACE[1]: r"\s+",
    ANY[1]: r"\S+",
    ANY_WITH_SPACES[1]: ".+",
}


@dataclass(frozen=True, slots=True)
class Template:
    """A shape with words, of which some are placeholders."""

    shape: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, line: Line) -> Template:
        """Return the template of one line."""
        return cls(line.shape, line.words)

    def merged(self, words: tuple[str, ...]) -> Template:
        """Return the template that also covers other words in the same shape."""
        if words == self.words:
            return self
        return Template(self.shape, tuple(map(_common, self.words, words)))

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The template as pairs of a text and the name of the placeholder after it; the last has none, "".

        White space is one space here, and what is beyond the end is any word.
        """
        parts: list[tuple[str, str]] = []
        before = ""
        for literal, code in self._pieces():
            if code == SPACE[1]:
                before += f"{literal} "
            else:
                parts.append((before + literal, _NAMES.get(code, "")))
                before = ""
        return tuple(parts)

    @property
    def text(self) -> str:
        """The template for people. A line may hold the text of a placeholder: then the two look alike, and are not."""
        return "".join(f"{literal}<{name}>" if name else literal for literal, name in self.parts)

    @property
    def regex(self) -> str:
        """An expression of RE2 that matches each line of the template: as a whole, unless it had to be cut."""
        written = ["^"]
        room = MAX_CHARACTERS
        for literal, code in self._pieces():
            escaped = [_SPECIAL.sub(r"\\\g<0>", character) for character in literal[:room]]
            finds = _FINDS.get(code, "")
            if len("".join(escaped)) + len(finds) > room or len(escaped) < len(literal):
                return "".join(written) + _cut(escaped, room)
            if code == REST[1]:
                return "".join([*written, *escaped])
            written += [*escaped, finds]
            room -= len("".join(escaped)) + len(finds)
        return "".join([*written, "$"])

    @property
    def literal(self) -> str:
        """The longest text that stands in each line as it is; of two as long the first. It may be empty."""
        return max((literal for literal, _ in self._pieces()), key=len)

    def _pieces(self) -> Iterator[tuple[str, str]]:
        """Split into pairs of a text and the code of the placeholder after it; the last has none."""
        parts = self.shape.split(WORD)
        whole = "".join(part + word for part, word in zip(parts, (*self.words, ""), strict=True))
        literal, at = "", 0
        for found in _CODE.finditer(whole):
            literal += whole[at : found.start()]
            at = found.end()
            if found[1] == MARK:
                literal += MARK
            else:
                yield literal, found[1]
                literal = ""
        yield literal + whole[at:], ""


def _common(one: str, other: str) -> str:
    if one == other:
        return one
    return ANY_WITH_SPACES if _SPACED.search(one) or _SPACED.search(other) else ANY


def _cut(characters: list[str], room: int) -> str:
    """Return as many of the characters, some of them escaped, as there is room for."""
    written = ""
    for character in characters:
        if len(written) + len(character) > room:
            break
        written += character
    return written
