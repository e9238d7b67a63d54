"""The documentation leads somewhere, and every page of it can be found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"`((?:webapp|jobs|tests|bench|docs)/[\w/.-]*|[\w/]+\.py)`")


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(document: Path) -> None:
    targets = [link for link in LINK.findall(document.read_text()) if "://" not in link]
    assert [link for link in targets if not (document.parent / link).exists()] == []


def test_the_index_lists_every_page() -> None:
    listed = set(LINK.findall((DOCS / "index.md").read_text()))
    assert listed == {page.name for page in DOCS.glob("*.md")} - {"index.md"}


def test_the_modules_that_the_architecture_names_exist() -> None:
    named = PATH.findall((DOCS / "architecture.md").read_text())
    roots = (ROOT, ROOT / "webapp")
    assert len(named) > 10
    assert [name for name in named if not any((root / name).exists() for root in roots)] == []
