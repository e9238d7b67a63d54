"""Every setting, read from the environment once; nothing else reads ``os.environ``."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from webapp.instance import read_instance

MIB = 1024 * 1024
ROOT = Path(__file__).resolve().parent.parent  # of the checkout: ./hedgerow is there


class SettingsError(ValueError):
    """A setting that cannot be used; the text names it and says what is allowed."""


def setting(variable: str, default: Any, reason: str) -> Any:
    """Declare a field with the environment variable it is read from and why its default is what it is.

    ``docs/settings.md`` must carry the same variable; a test compares them.
    """
    metadata = {"variable": variable, "reason": reason}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one Hedgerow process needs to know. Sizes are in bytes, durations in seconds unless named otherwise."""

    data_dir: Path = setting(
        "HEDGEROW_DATA", Path("data"), "beside the program: one folder to back up, git-ignored, mode 0700"
    )
    host: str = setting("HEDGEROW_HOST", "127.0.0.1", "loopback: nothing is reachable from outside until you say so")
    port: int = setting("HEDGEROW_PORT", 8000, "needs no privileges; 0 picks a free port")
    public_url: str = setting("HEDGEROW_URL", "", "how browsers reach it, for links; empty means http://HOST:PORT")
    trusted_proxies: int = setting(
        "HEDGEROW_TRUSTED_PROXIES", 0, "forwarded headers are believed only from this many proxies in front"
    )
    clickhouse_url: str = setting(
        "CLICKHOUSE_URL", "", "clickhouse://user:password@host:9000/database; empty starts the embedded server"
    )
    clickhouse_reader_url: str = setting(
        "CLICKHOUSE_READER_URL", "", "a user with SELECT only, for explorer queries; empty uses CLICKHOUSE_URL"
    )
    clickhouse_cluster: str = setting(
        "CLICKHOUSE_CLUSTER", "", "name of a cluster: tables are then created replicated and distributed on it"
    )
    redis_url: str = setting("REDIS_URL", "", "redis://host:6379/0; empty starts the embedded Valkey")
    database_url: str = setting(
        "DATABASE_URL", "", "postgresql://user:password@host/name; empty uses SQLite in the data directory"
    )
    secret_key: str = setting(
        "HEDGEROW_SECRET_KEY", "", "signs sessions and encrypts secrets; empty uses one made at first start"
    )
    web_processes: int = setting("HEDGEROW_WEB_PROCESSES", 2, "one per core of a small machine")
    web_threads: int = setting(
        "HEDGEROW_WEB_THREADS", 32, "requests mostly wait for ClickHouse; each open tail holds a thread"
    )
    live_streams: int = setting(
        "HEDGEROW_LIVE_STREAMS",
        0,
        "live tails that may hold a thread of one web process; those beyond ask once a second instead; 0 means a third "
        "of the threads",
    )
    worker_processes: int = setting("HEDGEROW_WORKERS", 2, "an export can run while alerts are delivered")
    retention_days: int = setting("HEDGEROW_RETENTION_DAYS", 30, "of a new project; whole days of logs are dropped")
    max_body_bytes: int = setting("HEDGEROW_MAX_BODY_BYTES", 20 * MIB, "ten times what OTLP exporters send at most")
    max_inflated_bytes: int = setting(
        "HEDGEROW_MAX_INFLATED_BYTES", 64 * MIB, "logs compress 10 to 30 times; a bomb stops here"
    )
    ingest_memory_bytes: int = setting(
        "HEDGEROW_INGEST_MEMORY_BYTES",
        128 * MIB,
        "of requests in one web process, as sent and as inflated; more wait at the client (503); as rows they take "
        "several times that",
    )
    project_bytes_per_s: int = setting(
        "HEDGEROW_PROJECT_BYTES_PER_S",
        0,
        "inflated bytes that one project may send, ten seconds' worth at once (then 429); 0 is no limit: whoever "
        "shares a machine among projects sets one",
    )
    key_requests_per_minute: int = setting(
        "HEDGEROW_KEY_REQUESTS_PER_MINUTE",
        480,
        "of one personal API key (then 429), as in the API that this one is compatible with; 0 is no limit",
    )
    key_requests_per_hour: int = setting(
        "HEDGEROW_KEY_REQUESTS_PER_HOUR", 4800, "the same for an hour: a program that asks all day asks less often"
    )
    max_alerts: int = setting("HEDGEROW_MAX_ALERTS", 1000, "of a project: what a small machine checks every minute")
    query_timeout_s: int = setting("HEDGEROW_QUERY_TIMEOUT_S", 30, "a person will have narrowed the query before")
    search_budget_s: int = setting(
        "HEDGEROW_SEARCH_BUDGET_S",
        10,
        "a search that is not through by then shows what it has found, and goes on when asked",
    )
    query_memory_bytes: int = setting("HEDGEROW_QUERY_MEMORY_BYTES", 2048 * MIB, "one query cannot push the others out")
    query_threads: int = setting("HEDGEROW_QUERY_THREADS", 2, "threads of one query: several run at once")
    clickhouse_memory_bytes: int = setting(
        "HEDGEROW_CLICKHOUSE_MEMORY_BYTES", 0, "of the embedded server; 0 means half of the machine's memory"
    )
    min_free_bytes: int = setting(
        "HEDGEROW_MIN_FREE_BYTES", 1024 * MIB, "a start is refused below it: ClickHouse needs room to merge its parts"
    )
    log_level: str = setting("HEDGEROW_LOG_LEVEL", "info", "debug, info, warning or error")
    ship_own_logs: bool = setting(
        "HEDGEROW_OWN_LOGS", True, "Hedgerow's own logs go to the project Hedgerow, so that you can search them"
    )
    own_logs_endpoint: str = setting(
        "HEDGEROW_OWN_LOGS_ENDPOINT",
        "",
        "OTLP address for own logs, http://…/v1/logs; ./hedgerow sets it; empty ships nothing",
    )
    own_logs_token: str = setting(
        "HEDGEROW_OWN_LOGS_TOKEN", "", "ingestion token of the project that own logs go to; ./hedgerow sets it"
    )

    metrics_token: str = setting(
        "HEDGEROW_METRICS_TOKEN", "", "who brings it as Bearer may read /metrics; empty keeps that closed to everyone"
    )
    metrics_dir: str = setting(
        "PROMETHEUS_MULTIPROC_DIR",
        "",
        "where the web processes of a server keep what they count; ./hedgerow sets it; empty: each counts alone",
    )

    @property
    def base_url(self) -> str:
        """Address of the running instance, without a trailing slash."""
        return self.public_url.rstrip("/") or self.local_url

    @property
    def most_streams(self) -> int:
        """How many live tails may hold a thread of one web process."""
        return self.live_streams or max(self.web_threads // 3, 1)

    @property
    def local_url(self) -> str:
        """Address of the running instance on this machine, without a trailing slash."""
        host = self.connect_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def connect_host(self) -> str:
        """The host that clients on this machine connect to."""
        return "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104 - not bound here


_FIELDS = {spec.name: spec for spec in fields(Settings)}


def _parse(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        lowered = text.strip().lower()
        if lowered in {"1", "true", "yes", "on"}:
            return True
        if lowered in {"0", "false", "no", "off"}:
            return False
        raise SettingsError(f"{name} is {text!r}, but must be 1 or 0.")
    if kind is int:
        try:
            number = int(text.replace("_", ""))
        except ValueError:
            raise SettingsError(f"{name} is {text!r}, but must be a whole number.") from None
        if number < 0:
            raise SettingsError(f"{name} is {number}, but must not be negative.")
        return number
    if issubclass(kind, Path):
        return Path(text).expanduser()
    return text.strip()


def _check(settings: Settings) -> None:
    if settings.port > 65535:
        raise SettingsError(f"HEDGEROW_PORT is {settings.port}, but a port is at most 65535.")
    for name, number in (
        ("HEDGEROW_WEB_PROCESSES", settings.web_processes),
        ("HEDGEROW_WEB_THREADS", settings.web_threads),
        ("HEDGEROW_WORKERS", settings.worker_processes),
        ("HEDGEROW_RETENTION_DAYS", settings.retention_days),
    ):
        if number < 1:
            raise SettingsError(f"{name} is {number}, but must be at least 1.")
    if settings.log_level not in {"debug", "info", "warning", "error"}:
        raise SettingsError(f"HEDGEROW_LOG_LEVEL is {settings.log_level!r}, but must be debug, info, warning or error.")
    if settings.clickhouse_url and not settings.clickhouse_url.startswith(("clickhouse://", "clickhouses://")):
        raise SettingsError("CLICKHOUSE_URL must start with clickhouse:// or clickhouses:// (TLS).")
    if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("REDIS_URL must start with redis://, rediss:// (TLS) or unix://.")
    if settings.database_url and not settings.database_url.startswith(("postgres", "sqlite:///")):
        raise SettingsError("DATABASE_URL must start with postgresql:// or sqlite:///.")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment alone.

    Raises:
        SettingsError: a variable has a value that cannot be used.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for name, spec in _FIELDS.items():
        variable = spec.metadata["variable"]
        if environ.get(variable, "").strip():
            values[name] = _parse(variable, environ[variable], type(spec.default))
    values["data_dir"] = values["data_dir"].resolve() if "data_dir" in values else ROOT / "data"
    settings = Settings(**values)
    _check(settings)
    return settings


FROM_INSTANCE = (
    "host",
    "port",
    "public_url",
    "clickhouse_url",
    "clickhouse_reader_url",
    "redis_url",
    "database_url",
    "secret_key",
)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment, then fill what it leaves open from the running instance and the data directory.

    The supervisor announces the addresses of what it runs; a command beside it (``./hedgerow credentials``) finds
    them here. An environment variable always wins.
    """
    environ = os.environ if environ is None else environ
    settings = read_settings(environ)
    given = {name for name, spec in _FIELDS.items() if environ.get(spec.metadata["variable"], "").strip()}
    if settings.port == 0:
        given.discard("port")  # "any free one": the supervisor knows which it became
    known = read_instance(settings.data_dir)
    fill = {name: known[name] for name in FROM_INSTANCE if name not in given and known.get(name)}
    if "clickhouse_url" in given:
        fill.pop("clickhouse_reader_url", None)  # of another server
    settings = replace(settings, **fill)
    if not settings.database_url:
        settings = replace(settings, database_url=f"sqlite:///{settings.data_dir / 'hedgerow.sqlite3'}")
    if not settings.secret_key:
        settings = replace(settings, secret_key=keep_secret(settings.data_dir, "secret_key"))
    return settings


def keep_secret(data_dir: Path, name: str) -> str:
    """Return the secret of that name, made at first use and kept in the data directory with mode 0600.

    Several processes may ask at once: the file appears whole by a hard link, and the first one wins.
    """
    folder = data_dir / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / name
    if not target.exists():
        draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(32))
            handle.flush()
            os.fsync(handle.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, target)
        draft.unlink()
    return target.read_text().strip()
