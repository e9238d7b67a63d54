"""The settings: read from the environment once, refused in a sentence, documented one by one."""

from __future__ import annotations

import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from webapp.instance import AlreadyRunning, InstanceLock, is_running, read_instance
from webapp.settings import MIB, ROOT, Settings, SettingsError, keep_secret, load_settings, read_settings

ROW = re.compile(r"^\| `(?P<variable>[A-Z_]+)` \| (?P<default>.*?) \| (?P<reason>.*) \|$", re.MULTILINE)


def as_documented(default: object) -> str:
    """A default as people write it."""
    if isinstance(default, bool):
        return "1" if default else "0"
    if isinstance(default, int) and default and default % MIB == 0:
        return f"{default} ({default // MIB} MiB)"
    return str(default)


def test_every_setting_is_documented_with_its_default_and_its_reason() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    documented = {row["variable"]: (row["default"].strip("`"), row["reason"]) for row in ROW.finditer(text)}
    declared = {
        spec.metadata["variable"]: (as_documented(spec.default), spec.metadata["reason"]) for spec in fields(Settings)
    }
    assert documented == declared


def test_without_an_environment_every_setting_has_its_default() -> None:
    assert read_settings({}) == Settings(data_dir=ROOT / "data")


def test_an_empty_variable_counts_as_not_given() -> None:
    assert read_settings({"HEDGEROW_PORT": " ", "CLICKHOUSE_URL": ""}) == read_settings({})


def test_every_variable_is_read() -> None:
    given = read_settings(
        {
            "HEDGEROW_DATA": "~/logs",
            "HEDGEROW_PORT": "9_000",
            "HEDGEROW_OWN_LOGS": "No",
            "REDIS_URL": " redis://cache:6379/1 ",
            "HEDGEROW_QUERY_MEMORY_BYTES": str(MIB),
        }
    )
    assert given.data_dir == Path.home() / "logs"
    assert (given.port, given.ship_own_logs, given.redis_url) == (9000, False, "redis://cache:6379/1")
    assert given.query_memory_bytes == MIB


def test_a_relative_data_directory_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"HEDGEROW_DATA": "mine"}).data_dir == tmp_path / "mine"
    assert read_settings({}).data_dir == ROOT / "data", "the default is beside the program, wherever one stands"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("HEDGEROW_PORT", "http", "HEDGEROW_PORT is 'http', but must be a whole number."),
        ("HEDGEROW_PORT", "-1", "HEDGEROW_PORT is -1, but must not be negative."),
        ("HEDGEROW_PORT", "65536", "HEDGEROW_PORT is 65536, but a port is at most 65535."),
        ("HEDGEROW_OWN_LOGS", "maybe", "HEDGEROW_OWN_LOGS is 'maybe', but must be 1 or 0."),
        ("HEDGEROW_WORKERS", "0", "HEDGEROW_WORKERS is 0, but must be at least 1."),
        ("HEDGEROW_LOG_LEVEL", "loud", "HEDGEROW_LOG_LEVEL is 'loud', but must be debug, info, warning or error."),
        ("CLICKHOUSE_URL", "http://x:8123", "CLICKHOUSE_URL must start with clickhouse:// or clickhouses:// (TLS)."),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must start with redis://, rediss:// (TLS) or unix://."),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must start with postgresql:// or sqlite:///."),
    ],
)
def test_an_unusable_value_is_refused_with_what_is_allowed(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({variable: value})
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("logs.example.org", "http://logs.example.org:8000"),
    ],
)
def test_links_lead_to_an_address_that_can_be_opened(host: str, url: str) -> None:
    assert Settings(host=host).base_url == url
    assert Settings(host=host, public_url="https://logs.example.org/").base_url == "https://logs.example.org"
    assert Settings(host=host, public_url="https://logs.example.org/").local_url == url


def test_a_command_finds_what_the_running_instance_announces(tmp_path: Path) -> None:
    with InstanceLock(tmp_path).take() as lock:
        lock.announce({"port": 4321, "clickhouse_url": "clickhouse://a", "clickhouse_reader_url": "clickhouse://b"})
        found = load_settings({"HEDGEROW_DATA": str(tmp_path)})
        assert (found.port, found.clickhouse_url, found.clickhouse_reader_url) == (
            4321,
            "clickhouse://a",
            "clickhouse://b",
        )
        assert stat.S_IMODE((tmp_path / "run" / "instance.json").stat().st_mode) == 0o600


def test_the_environment_wins_over_the_running_instance(tmp_path: Path) -> None:
    with InstanceLock(tmp_path).take() as lock:
        lock.announce({"port": 4321, "clickhouse_url": "clickhouse://a", "clickhouse_reader_url": "clickhouse://b"})
        given = {"HEDGEROW_DATA": str(tmp_path), "HEDGEROW_PORT": "8000", "CLICKHOUSE_URL": "clickhouse://mine"}
        found = load_settings(given)
        assert (found.port, found.clickhouse_url) == (8000, "clickhouse://mine")
        assert found.clickhouse_reader_url == "", "the reader of another server is of no use"


def test_what_a_killed_instance_left_behind_misleads_nobody(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lock").write_text("1")
    (tmp_path / "run" / "instance.json").write_text(json.dumps({"port": 4321}))
    assert load_settings({"HEDGEROW_DATA": str(tmp_path)}).port == 8000


def test_an_instance_that_has_not_announced_itself_yet_is_no_error(tmp_path: Path) -> None:
    with InstanceLock(tmp_path).take():
        assert is_running(tmp_path)
        assert read_instance(tmp_path) == {}
    assert not is_running(tmp_path)


def test_a_data_directory_has_one_instance(tmp_path: Path) -> None:
    with InstanceLock(tmp_path).take():
        second = InstanceLock(tmp_path)
        with pytest.raises(AlreadyRunning, match=r"running already on .* \(process \d+\)"):
            second.take()
    with InstanceLock(tmp_path).take():
        assert is_running(tmp_path)


def test_nothing_is_running_where_there_is_nothing(tmp_path: Path) -> None:
    assert not is_running(tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_without_a_database_address_it_is_sqlite_in_the_data_directory(tmp_path: Path) -> None:
    assert load_settings({"HEDGEROW_DATA": str(tmp_path)}).database_url == f"sqlite:///{tmp_path}/hedgerow.sqlite3"


def test_a_secret_is_made_once_whoever_asks_first_and_is_private(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: keep_secret(tmp_path, "key"), range(64)))
    assert len(found) == 1
    assert len(found.pop()) >= 43
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600
    assert load_settings({"HEDGEROW_DATA": str(tmp_path)}).secret_key == keep_secret(tmp_path, "secret_key")
