"""A client that counts: GET and POST mixed, bounded, without a single retry."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

WORKERS = 4
PAUSE = 0.03  # seconds between two requests of one worker
LIMIT = 40_000  # requests in all, whatever happens


@dataclass
class Load:
    """What was asked so far, and every request that did not get the status it should."""

    port: int
    path: str
    methods: tuple[str, ...] = ("GET", "POST")
    host: str = "127.0.0.1"
    sent: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        turn = 0
        while not self._stop.is_set() and self.sent.total() < LIMIT:
            turn += 1
            self._ask(self.methods[turn % len(self.methods)])
            self._stop.wait(PAUSE)

    def _ask(self, method: str) -> None:
        body = json.dumps({"name": "under load"}) if method == "POST" else None
        wanted = 201 if method == "POST" else 200
        self.sent[method] += 1
        connection = http.client.HTTPConnection(self.host, self.port, timeout=15)
        try:
            connection.request(method, self.path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != wanted:
                self._fail(f"{method} {answer.status} {text[:200]!r}")
            elif method == "POST":
                self.created.append(json.loads(text)["id"])
        except (OSError, http.client.HTTPException) as error:
            self._fail(f"{method} {type(error).__name__}: {error}")
        finally:
            connection.close()

    def _fail(self, what: str) -> None:
        self.failures.append(f"{time.strftime('%H:%M:%S')} {what}")

    def stop(self) -> None:
        self._stop.set()


@contextmanager
def load(port: int, path: str, *methods: str, host: str = "127.0.0.1") -> Iterator[Load]:
    """Keep asking while the block runs; afterwards all requests have their answer."""
    running = Load(port, path, methods or ("GET", "POST"), host)
    workers = [threading.Thread(target=running.work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    try:
        yield running
    finally:
        running.stop()
        for worker in workers:
            worker.join()
