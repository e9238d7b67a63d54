"""The settings of an instance that is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.settings import Settings


def settings_for(server: EmbeddedClickHouse, folder: Path, **others: Any) -> Settings:
    """Return those of an instance in a folder, on an embedded ClickHouse, that asks and tells nobody else."""
    return Settings(
        data_dir=folder / "data",
        clickhouse_url=server.url,
        clickhouse_reader_url=server.reader_url,
        database_url=f"sqlite:///{folder}/bench.sqlite3",
        secret_key="of a measurement, and of nothing else",
        ship_own_logs=False,
        **others,
    )
