"""``./hedgerow`` itself, in a checkout whose lock files are empty: it sets up, repairs, refuses and passes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.instance import wait_for
from webapp.settings import ROOT

pytestmark = pytest.mark.xdist_group("script")

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-setup.txt")
TOOLS = ["cat", "cmp", "cp", "dirname", "env", "grep", "id", "mkdir", "mv", "readlink", "rm", "sh", "sleep", "tail"]
TOOLS += ["uname"]

# A Python that makes an environment for `-m venv FOLDER` once.
SLOW_ONCE = """\
made="{made}/made"
[ "$1 $2" = "-m venv" ] || exec "{python}" "$@"
[ ! -d "$made" ] || exec cp -pR "$made/." "$3"
"{python}" "$@" && cp -pR "$3" "$made.part" && rm -f "$made.part/unfinished" && mv "$made.part" "$made"
"""


class Checkout:
    """A checkout with the real script, empty locks, and a program that says how it was called."""

    def __init__(self, root: Path, path: str) -> None:
        self.root = root
        self.path = path
        (root / "webapp").mkdir(parents=True)
        shutil.copy(ROOT / "hedgerow", root)
        for name in LOCKS:
            (root / name).write_text("# nothing to install\n")
        (root / "webapp" / "__init__.py").touch()
        (root / "webapp" / "__main__.py").write_text(
            "import os, sys\nprint(sys.argv[1:], os.getpid(), os.environ.get('HEDGEROW_DATA'), sys.prefix)\n"
        )

    def start(self, *arguments: str, command: str | None = None, **options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [command or str(self.root / "hedgerow"), *arguments],
            cwd=options.pop("cwd", None),
            env={"PATH": self.path, "HOME": str(self.root), **options},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, command: str | None = None, **options: str) -> tuple[int, str, str]:
        process = self.start(*arguments, command=command, **options)
        out, err = process.communicate(timeout=120)
        return process.returncode, out.strip(), err.strip()


def path_with(folder: Path, **scripts: str) -> str:
    """A PATH with the standard tools and these scripts alone."""
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    for name, body in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    return str(folder)


@pytest.fixture
def base_python() -> str:
    """The interpreter that the environment of these tests was made from."""
    return str(Path(sys.base_prefix) / "bin" / "python3")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that the tests set up and share, where an older Python has the newer name.

    Python makes the environment once, and whoever asks for it again at the same place gets a copy: making one takes
    five seconds.
    """
    folder = tmp_path_factory.mktemp("script")
    python = Path(sys.base_prefix) / "bin" / "python3"
    too_old = "echo ''"  # the answer of an older Python to the script's question
    path = path_with(folder / "bin", **{"python3.13": too_old, "python3": SLOW_ONCE.format(python=python, made=folder)})
    return Checkout(folder / "with a space" / "hedgerow", path)


def test_the_first_run_makes_an_environment_and_the_second_finds_nothing_to_do(checkout: Checkout) -> None:
    status, out, err = checkout.run()
    assert status == 0, err
    assert "Making .venv with Python 3." in err
    assert out.startswith("[] ")
    assert out.endswith(str(checkout.root / ".venv"))
    assert checkout.run()[2] == ""


def test_a_changed_lock_is_installed(checkout: Checkout) -> None:
    checkout.run()
    (checkout.root / "requirements.txt").write_text("# still nothing, but in other words\n")
    status, _, err = checkout.run()
    assert status == 0
    assert err.startswith("Installing 0 packages of requirements.txt")
    assert "Making .venv" not in err
    assert checkout.run()[2] == ""


def test_a_set_up_that_was_killed_is_begun_again(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / ".venv", ignore_errors=True)
    process = checkout.start()
    wait_for((checkout.root / ".venv" / "unfinished").exists, "the set-up to begin")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert (checkout.root / ".venv.lock").exists()
    status, _, err = checkout.run()
    assert status == 0
    assert "Making .venv" in err
    assert not (checkout.root / ".venv.lock").exists()
    assert not (checkout.root / ".venv" / "unfinished").exists()


def test_two_set_ups_at_once_take_turns(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / ".venv", ignore_errors=True)
    both = [checkout.start(), checkout.start()]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Making .venv" in text for text in said) == 1


def test_it_works_from_anywhere_and_through_a_link(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run()
    link = tmp_path / "bin" / "logs"
    link.parent.mkdir()
    link.symlink_to(os.path.relpath(checkout.root / "hedgerow", link.parent))
    status, out, err = checkout.run("key", "create", "--label", "a b", command=str(link), cwd="/")
    assert (status, err) == (0, "")
    assert out.startswith("['key', 'create', '--label', 'a b'] ")


def test_the_program_takes_the_place_of_the_script(checkout: Checkout) -> None:
    checkout.run()
    process = checkout.start()
    out = process.communicate(timeout=60)[0]
    assert out.split()[1] == str(process.pid), "a signal to the script must reach the program"


def test_a_relative_data_directory_is_meant_from_where_one_stands(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run()
    assert f" {tmp_path}/mine " in checkout.run(HEDGEROW_DATA="mine", cwd=str(tmp_path))[1]
    assert " /mine " in checkout.run(HEDGEROW_DATA="/mine", cwd=str(tmp_path))[1]


@pytest.mark.parametrize("word", ["help", "--help", "-h"])
def test_help_needs_no_set_up(tmp_path: Path, word: str) -> None:
    fresh = Checkout(tmp_path / "fresh", path_with(tmp_path / "bin"))
    status, out, _ = fresh.run(word)
    assert status == 0
    assert "./hedgerow test" in out
    assert not (fresh.root / ".venv").exists()


@pytest.mark.parametrize("body", ["exit 1", "echo ''", "exec /no/such/python"])
def test_without_a_recent_python_one_sentence_says_so(tmp_path: Path, body: str) -> None:
    fresh = Checkout(tmp_path / "fresh", path_with(tmp_path / "bin", python3=body))
    status, out, err = fresh.run()
    assert (status, out) == (1, "")
    assert err.startswith("Hedgerow needs Python 3.11 or newer, and finds none.")
    assert err.count("\n") == 0
    assert not (fresh.root / ".venv").exists()


def test_a_python_without_its_venv_module_is_told_with_the_package(tmp_path: Path, base_python: str) -> None:
    without = tmp_path / "without"
    without.mkdir()
    (without / "ensurepip.py").write_text("raise ImportError('left out, as Debian does')\n")
    path = path_with(tmp_path / "bin", python3=f'PYTHONPATH="{without}" exec "{base_python}" "$@"')
    fresh = Checkout(tmp_path / "fresh", path)
    status, _, err = fresh.run()
    assert status == 1
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert err == (
        f"Python {version} is here without its venv module. On Debian and Ubuntu: apt-get install python{version}-venv"
    )


def test_an_installation_that_fails_shows_why_and_is_repeated(checkout: Checkout) -> None:
    checkout.run()
    lock = checkout.root / "requirements.txt"
    lock.write_text("./no-such-package-here\n")
    status, _, err = checkout.run()
    assert status == 1
    assert "no-such-package-here" in err
    assert "Installing the packages failed" in err
    lock.write_text("# nothing to install\n")
    assert checkout.run()[0] == 0


def test_tests_without_a_browser_fail_with_a_sentence(checkout: Checkout) -> None:
    status, _, err = checkout.run("test")
    assert status == 1
    assert "The browser tests need Chromium." in err.splitlines()[-1]


def test_a_browser_that_is_not_there_is_named(checkout: Checkout) -> None:
    status, _, err = checkout.run("test", HEDGEROW_TEST_CHROMIUM="/no/chromium")
    assert status == 1
    assert "HEDGEROW_TEST_CHROMIUM is /no/chromium, which is no program." in err
