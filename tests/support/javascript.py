"""Programs for Node, with the packages of ``tests/js`` installed as they are locked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "js"
PATIENCE_S = 300
GROUP = "javascript"  # one worker runs all tests of this group: they share the installed packages
NODE_MISSING = "Node.js 20.6 or newer is missing. On Debian and Ubuntu: apt-get install nodejs npm"


def install() -> None:
    """Install the packages, once for each lock."""
    assert shutil.which("node"), NODE_MISSING
    assert shutil.which("npm"), NODE_MISSING
    lock = FOLDER / "package-lock.json"
    stamp = FOLDER / "node_modules" / "installed-package-lock.json"  # ./hedgerow test leaves the same one
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    _run(["npm", "ci", "--no-audit", "--no-fund"], {})
    shutil.copy(lock, stamp)


def run_node(script: Path | str, *arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run a program to its end; it must exit with 0."""
    _run(["node", str(script), *arguments], environment or {})


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=FOLDER, env={**os.environ, **environment}, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
