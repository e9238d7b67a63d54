"""Several web processes count as one, the killed ones too."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import requests
from flask import Flask

from tests.support.api import make_person
from tests.support.instance import wait_for
from tests.support.otlp_http import PROTOBUF, message
from tests.support.scrape import TOKEN, scrape
from tests.support.web import run_gunicorn, web_processes
from webapp.settings import Settings

ROWS = "hedgerow_ingested_rows_total"
REQUESTS = {"route": "/v1/logs", "method": "POST", "status": "200"}


class Sender:
    """Sends requests of two rows, each once."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": PROTOBUF}
        self.sent = 0

    def send(self, number: int) -> None:
        for _ in range(number):
            self.sent += 1
            body = message(f"line {self.sent}", "another").SerializeToString()
            assert requests.post(f"{self.address}/v1/logs", body, headers=self.headers, timeout=30).status_code == 200


def kill_one_web_process(folder: Path) -> None:
    victim = web_processes()[0].pid
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: not list(folder.glob(f"*_{victim}.db")), "the counts of the dead to be kept")
    wait_for(lambda: len(web_processes()) == 2, "another web process")


def test_counts_are_those_of_all_processes_and_outlive_each(app: Flask, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    shared = replace(settings, metrics_token=TOKEN, metrics_dir=str(folder))
    with run_gunicorn(shared, tmp_path / "gunicorn.log", processes=2) as address:
        sender = Sender(address, make_person("ada").token)
        wait_for(lambda: len(web_processes()) == 2, "both web processes")
        for _ in range(2):
            sender.send(8)
            scrapes = [scrape(address) for _ in range(6)]
            told = {(seen.value(ROWS), seen.value("hedgerow_http_requests_total", **REQUESTS)) for seen in scrapes}
            assert told == {(2 * sender.sent, sender.sent)}, "it depends on the process that is asked"
            kill_one_web_process(folder)
        assert scrape(address).value(ROWS) == 2 * sender.sent == 32
        assert scrape(address).value("hedgerow_web_processes") == 2
