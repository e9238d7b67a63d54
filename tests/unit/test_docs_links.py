"""The documentation leads somewhere, and every page of it can be found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.docs import API, DOCS, ROOT, anchors, links

PAGES = sorted([ROOT / "README.md", ROOT / "bench" / "README.md", *DOCS.rglob("*.md")])
PATH = re.compile(r"`((?:webapp|jobs|tests|bench|docs)/[\w/.-]*|[\w/]+\.py)`")
FOLDERS = ("webapp", "jobs", "tests", "bench")
CODE = [ROOT / "hedgerow", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]


def targets(page: Path) -> list[tuple[Path, str]]:
    """List the files that a page links to, each with the heading or nothing."""
    found = [link.partition("#") for link in links(page.read_text(encoding="utf-8")) if "://" not in link]
    return [((page.parent / name).resolve() if name else page, anchor) for name, _, anchor in found]


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(document: Path) -> None:
    for file, anchor in targets(document):
        assert file.exists(), file
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), (file.name, anchor)


def test_the_index_lists_every_page() -> None:
    listed = {file for file, _ in targets(DOCS / "index.md")}
    assert listed == {*DOCS.glob("*.md"), API / "index.md"} - {DOCS / "index.md"}


def test_the_index_of_the_api_lists_every_page_of_it() -> None:
    listed = {file for file, _ in targets(API / "index.md") if file.parent == API}
    assert listed == {*API.glob("*.md")} - {API / "index.md"}


def test_the_readme_leads_to_the_api() -> None:
    assert API / "index.md" in {file for file, _ in targets(ROOT / "README.md")}


def test_the_pages_that_code_names_exist() -> None:
    named = {name for path in CODE for name in re.findall(r"\bdocs/[\w/-]+\.md\b", path.read_text(encoding="utf-8"))}
    assert len(named) > 3
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_modules_that_the_architecture_names_exist() -> None:
    named = PATH.findall((DOCS / "architecture.md").read_text())
    roots = (ROOT, ROOT / "webapp")
    assert len(named) > 10
    assert [name for name in named if not any((root / name).exists() for root in roots)] == []
