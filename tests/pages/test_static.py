"""Scripts and styles as a browser gets them."""

from __future__ import annotations

import gzip
import re

from tests.pages.conftest import Visitor
from webapp.pages.static import FOLDER, SHEET, SHEETS

MOST_BYTES = 60 * 1000
TINY_BYTES = 500  # smaller ones come as they are


def test_scripts_and_styles_come_compressed_and_may_be_kept(stranger: Visitor) -> None:
    found = re.search(r'"(/static/[^/"]+)/js/app.js"', stranger.get("/sign-in").text)
    assert found is not None
    files = {str(path.relative_to(FOLDER)): path.read_bytes() for path in FOLDER.rglob("*.js")}
    files[SHEET] = b"\n".join((FOLDER / "css" / f"{name}.css").read_bytes() for name in SHEETS)
    total = 0
    for name, content in files.items():
        path = f"{found[1]}/{name}"
        response = stranger.get(path, headers={"Accept-Encoding": "gzip"})
        is_tiny = len(content) < TINY_BYTES
        assert is_tiny or gzip.decompress(response.data) == content
        assert "immutable" in response.headers["Cache-Control"]
        total += len(response.data)
        kept = stranger.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": response.headers["ETag"]})
        assert (kept.status_code, kept.data) == (304, b"")
        assert stranger.get(path, headers={"Accept-Encoding": "identity"}).data == content
    assert total <= MOST_BYTES
