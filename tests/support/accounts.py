"""The application on a SQL database alone, without ClickHouse and Valkey."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import psycopg
from flask import Flask

from webapp import create_app
from webapp.errors import HedgerowError
from webapp.settings import Settings

T = TypeVar("T")
_numbers = itertools.count(1)


def make_app(database_url: str, data_dir: Path) -> Flask:
    """Build the application for a database; nothing else is started, and nothing connects before it is asked."""
    return create_app(Settings(data_dir=data_dir, database_url=database_url, secret_key="k" * 32, ship_own_logs=False))


def new_database(address: str, template: str = "template1") -> str:
    """Create a database of the PostgreSQL server and return its address."""
    name = f"hedgerow_{next(_numbers)}"
    with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return address.format(name)


def at_once(app: Flask, times: int, work: Callable[[], T]) -> list[T | HedgerowError]:
    """Do the same in several threads, each in a context and a session of its own, started together."""
    barrier = Barrier(times)

    def one(_number: int) -> T | HedgerowError:
        with app.app_context():
            barrier.wait()
            try:
                return work()
            except HedgerowError as error:
                return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
