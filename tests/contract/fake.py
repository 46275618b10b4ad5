"""A callee, and a receiver of spans, that does what its name says; it runs alone in a container.

The name by which it is called selects its behaviour; `POST /_fix?NAME` makes that name behave well, and
`GET /_seen` returns all that it was asked.
"""

import base64
import json
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen: list[dict[str, object]] = []
fixed: set[str] = set()
traces: dict[str, bool] = {}  # whether the first request of each is to fail
busy: set[int] = set()  # threads that are answering
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.headers["Host"].partition(":")[0]
        body = self.read_body()
        path, _, query = self.path.partition("?")
        if path == "/_seen":
            self.answer(200, json.dumps(seen).encode())
        elif path == "/_fix":
            fixed.add(query)
            self.answer(200)
        else:
            self.remember(name, body)
            self.behave("good" if name in fixed else name)
            busy.discard(threading.get_ident())

    do_POST = do_GET  # noqa: N815

    def read_body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def remember(self, name: str, body: bytes) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        text = base64.b64encode(body).decode()
        request = {"name": name, "method": self.command, "path": self.path, "headers": headers, "body": text}
        with lock:
            seen.append({**request, "alone": not busy})
            busy.add(threading.get_ident())
        print(self.command, self.path, flush=True)

    def behave(self, name: str) -> None:
        match name:
            case "failing":
                self.answer(500)
            case "passing":
                self.answer(503)
            case "hanging":
                time.sleep(60)
                self.close_connection = True
            case "slow":
                time.sleep(0.5)
                self.answer(200)
            case "cutting":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                self.close_connection = True
            case "flooding":
                self.flood()
            case "flaky":
                self.answer(503 if self.is_its_turn() else 200)
            case _:
                self.answer(200)

    def flood(self) -> None:
        """Answer without end: a client that reads all of it runs out of memory."""
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n")
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(2**18))

    def is_its_turn(self) -> bool:
        """Fail the first request of every other trace."""
        trace = self.headers["traceparent"].split("-")[1]
        with lock:
            fails = traces.get(trace, len(traces) % 2 == 0)
            traces[trace] = False
        return fails

    def answer(self, status: int, body: bytes = b"") -> None:
        busy.discard(threading.get_ident())  # before the answer, which may bring the next request
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
