"""What the browser loads: small, ours or vouched for, and nothing from elsewhere."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from webapp.pages.logs.state import KEYS
from webapp.pages.static import SHEETS

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "webapp" / "static"
TEMPLATES = ROOT / "webapp" / "templates"
BUDGET_BYTES = 60 * 1000


def test_scripts_and_styles_stay_within_their_budget() -> None:
    scripts = [gzip.compress(path.read_bytes(), 9) for path in STATIC.rglob("*.js")]
    sheet = b"\n".join((STATIC / "css" / f"{name}.css").read_bytes() for name in SHEETS)
    assert len(gzip.compress(sheet, 9)) + sum(map(len, scripts)) <= BUDGET_BYTES


@pytest.mark.parametrize("folder", sorted((STATIC / "vendor").iterdir()), ids=lambda folder: folder.name)
def test_vendored_files_have_a_version_a_licence_and_the_checksum_they_came_with(folder: Path) -> None:
    facts = (folder / "VERSION").read_text()
    assert re.search(r"^version  \S+", facts, re.MULTILINE)
    assert (folder / "LICENSE").stat().st_size > 100
    sums = dict(reversed(line.split()) for line in re.findall(r"^sha256 +(\w+ +\S+)$", facts, re.MULTILINE))
    vendored = [path for path in folder.iterdir() if path.suffix in {".js", ".css"}]
    assert vendored
    for path in vendored:
        assert sums[path.name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_pages_load_nothing_from_elsewhere_and_hold_no_inline_code() -> None:
    for path in [*TEMPLATES.rglob("*.html"), *STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"""(src|href|url|import|from)\s*[=(]?\s*["']?(https?:)?//""", text), path
        assert not re.search(r"\s(on[a-z]+|style)=", text), path


def test_the_page_of_the_explorer_lists_the_keys_that_there_are() -> None:
    docs = (ROOT / "docs" / "explorer.md").read_text()
    script = (STATIC / "js" / "keys.js").read_text()
    shown = (TEMPLATES / "logs" / "_keys.html").read_text()
    bound = set(
        re.findall(r'^  "?([^\s":]+)"?: ', script[: script.index("document.addEventListener")], re.MULTILINE)
    ) - {"="}
    assert bound >= {"/", "?", "j", "E", "z"}
    for key in bound:
        assert f"`{key}`" in docs, key
        assert re.search(rf'"(\S+ +)?{re.escape(key)}( +\S+)?"', shown), key


def test_the_page_of_the_explorer_lists_the_keys_of_the_address() -> None:
    docs = (ROOT / "docs" / "explorer.md").read_text()
    table = docs[docs.index("## The address") : docs.index("## Keys")]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(KEYS)
