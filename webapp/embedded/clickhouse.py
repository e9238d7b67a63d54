"""The embedded ClickHouse server: its configuration, its users, its process."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from pathlib import Path
from typing import ClassVar
from xml.sax.saxutils import escape

from webapp.embedded.deduplication import take_back_lost_blocks
from webapp.embedded.processes import EmbeddedServer, free_port
from webapp.settings import MIB, keep_secret

_SERVER = Path(__file__).with_name("clickhouse_server.py")

_CONFIG = """\
<clickhouse>
  <!-- Written at every start. -->
  <log-level>warning</log-level>
  <logger><log>{log_file}</log><size>10M</size><count>3</count></logger>
  <timezone>UTC</timezone>
  <listen_host>127.0.0.1</listen_host>
  <tcp_port>{port}</tcp_port>
  <users_config>{users_file}</users_config>
  <shutdown_wait_unfinished>2</shutdown_wait_unfinished>
  <background_schedule_pool_size>16</background_schedule_pool_size>
  <mark_cache_size>{cache_bytes}</mark_cache_size>
  <!-- Decompressed blocks. People look at the same hour again and again: its errors take 25 ms, not 68. -->
  <uncompressed_cache_size>{cache_bytes}</uncompressed_cache_size>
  <merge_tree>
    <!-- A small part is one file with one fsync, not sixteen: an insertion takes a third of the time. -->
    <min_bytes_for_full_part_storage>10485760</min_bytes_for_full_part_storage>
    <!-- Merge more parts at once (default 5), and every row less often: 35 ms of merging per 2,000 rows, not 61. -->
    <merge_selector_base>8</merge_selector_base>
  </merge_tree>
  {memory}
</clickhouse>
"""

# The session that holds the server open is `default`, without a password: it may do nothing else, and the limit of
# one session refuses everybody who would join it. That limit is in a profile of its own, because every other
# profile inherits from `default`.
_USERS = """\
<clickhouse>
  <profiles>
    <default/>
    <holder><max_sessions_for_user>1</max_sessions_for_user></holder>
    <app/>
    <reader>
      <readonly>2</readonly>
      <max_execution_time>{query_timeout_s}</max_execution_time>
      <max_memory_usage>{query_memory_bytes}</max_memory_usage>
      <max_result_rows>{max_result_rows}</max_result_rows>
      <constraints>
        <max_execution_time><min>1</min><max>{query_timeout_s}</max></max_execution_time>
        <max_memory_usage><min>1</min><max>{query_memory_bytes}</max></max_memory_usage>
        <max_result_rows><min>1</min><max>{max_result_rows}</max></max_result_rows>
      </constraints>
    </reader>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      {networks}
      <profile>holder</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT READ ON FILE</query>
        <query>GRANT CREATE TEMPORARY TABLE ON *.*</query>
        <query>GRANT CREATE DATABASE ON {database}.*</query>
        <query>GRANT TABLE ENGINE ON Atomic</query>
      </grants>
    </default>
    <app>
      <password_sha256_hex>{app_hash}</password_sha256_hex>
      {networks}
      <profile>app</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SHOW, SELECT, INSERT, ALTER, CREATE, DROP, TRUNCATE, OPTIMIZE ON {databases}.*</query>
        <query>GRANT TABLE ENGINE ON *</query>
        <query>GRANT SELECT ON system.*</query>
        <query>GRANT KILL QUERY ON *.*</query>
        <query>GRANT SYSTEM FLUSH ASYNC INSERT QUEUE ON *.*</query>
      </grants>
    </app>
    <reader>
      <password_sha256_hex>{reader_hash}</password_sha256_hex>
      {networks}
      <profile>reader</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SELECT ON {databases}.*</query>
      </grants>
    </reader>
  </users>
</clickhouse>
"""
_NETWORKS = "<networks><ip>127.0.0.1</ip></networks>"


class EmbeddedClickHouse(EmbeddedServer):
    """A ClickHouse server on loopback, with its data, configuration and passwords in one folder.

    Attributes:
        url: for the user ``app``, who owns the databases whose names start with ``database``.
        reader_url: for the user ``reader``, who may only select there, within limits.
    """

    name: ClassVar[str] = "clickhouse"
    title: ClassVar[str] = "The embedded ClickHouse"
    keeps_log: ClassVar[bool] = True
    database: ClassVar[str] = "hedgerow"

    def __init__(
        self,
        folder: Path,
        *,
        memory_bytes: int = 0,
        query_timeout_s: int = 30,
        query_memory_bytes: int = 2048 * MIB,
        log_file: Path | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(folder)
        self.memory_bytes = memory_bytes
        self.query_timeout_s = query_timeout_s
        self.query_memory_bytes = query_memory_bytes
        self.log_file = log_file or self.folder / "clickhouse.log"
        # Chosen once: a server that comes back after a crash is found at the same address.
        self.port = port or free_port()

    @property
    def url(self) -> str:
        """The address with the owner's name and password."""
        return self._url("app")

    @property
    def reader_url(self) -> str:
        """The address with the reader's name and password."""
        return self._url("reader")

    def _url(self, user: str) -> str:
        return f"clickhouse://{user}:{self._password(user)}@127.0.0.1:{self.port}/{self.database}"

    def _password(self, user: str) -> str:
        self._make_folder()
        return keep_secret(self.folder, f"{user}_password")

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def prepare(self) -> None:
        """Write the configuration and the users, with the hashes of passwords made at first start.

        What a kill left half done is mended here too, while no server runs.
        """
        self._make_folder()
        take_back_lost_blocks(self.folder / "store")
        _write_private(self.folder / "users.xml", self._users())
        _write_private(self.folder / "config.xml", self._config())

    def _config(self) -> str:
        if self.memory_bytes:
            memory = f"<max_server_memory_usage>{self.memory_bytes}</max_server_memory_usage>"
        else:  # the server itself knows about the limits of containers
            memory = "<max_server_memory_usage_to_ram_ratio>0.5</max_server_memory_usage_to_ram_ratio>"
        return _CONFIG.format(
            log_file=escape(str(self.log_file)),
            users_file=escape(str(self.folder / "users.xml")),
            port=self.port,
            cache_bytes=256 * MIB if not self.memory_bytes else min(256 * MIB, self.memory_bytes // 8),
            memory=memory,
        )

    def _users(self) -> str:
        return _USERS.format(
            networks=_NETWORKS,
            database=self.database,
            databases=f"{self.database}*",
            app_hash=hashlib.sha256(self._password("app").encode()).hexdigest(),
            reader_hash=hashlib.sha256(self._password("reader").encode()).hexdigest(),
            query_timeout_s=self.query_timeout_s,
            query_memory_bytes=self.query_memory_bytes,
            max_result_rows=1_000_000,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which other processes find the server."""
        return {"CLICKHOUSE_URL": self.url, "CLICKHOUSE_READER_URL": self.reader_url}

    @property
    def argv(self) -> list[str]:
        """The command of the server process."""
        return [sys.executable, str(_SERVER), str(self.folder), self.database]

    def accepts(self) -> bool:
        """Whether the port answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
