"""Programs for Node, with the packages of ``tests/js`` installed as they are locked."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "js"
GROUP = "javascript"  # one worker runs all tests of this group: they share the installed packages
NODE_MISSING = "Node.js 20.6 or newer is missing. On Debian and Ubuntu: apt-get install nodejs npm"


def install() -> None:
    """Install the packages, once for each lock."""
    assert shutil.which("node"), NODE_MISSING
    assert shutil.which("npm"), NODE_MISSING
    digest = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == digest:
        return
    _run(["npm", "ci", "--no-audit", "--no-fund"], {})
    stamp.write_text(digest)


def run_node(script: Path | str, *arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run a program to its end; it must exit with 0."""
    _run(["node", str(script), *arguments], environment or {})


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=FOLDER, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
