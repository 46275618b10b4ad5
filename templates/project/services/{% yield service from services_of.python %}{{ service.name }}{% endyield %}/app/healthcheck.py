"""What Docker runs every few seconds: ask /readyz, over a bare socket because imports cost more."""

import os
import socket
import sys

with socket.create_connection(("127.0.0.1", int(os.environ.get("PORT", "8080"))), timeout=1.5) as connection:
    connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = connection.makefile("rb").read(4096)

print(answer.rpartition(b"\r\n")[2].decode())
sys.exit(not answer.startswith(b"HTTP/1.1 200 "))
