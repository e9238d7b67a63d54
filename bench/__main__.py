"""``./hedgerow bench NAME``: run one measurement; without a name, list them."""

from __future__ import annotations

import ast
import pkgutil
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
HELPERS = {"__main__", "browsing", "data", "forgetful", "instance", "questions", "quiet"}


def names() -> list[str]:
    """Return the measurements there are."""
    return sorted(module.name for module in pkgutil.iter_modules([str(FOLDER)]) if module.name not in HELPERS)


def main(arguments: list[str]) -> int:
    """Run the measurement that the first argument names; the others are its own."""
    if arguments and arguments[0] in names():
        sys.argv = arguments
        runpy.run_module(f"bench.{arguments[0]}", run_name="__main__")
        return 0
    for name in names():
        told = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text())) or ""
        print(f"{name:10}{told.splitlines()[0]}")
    if arguments:
        print(f"There is no measurement {arguments[0]!r}; above are those there are.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
