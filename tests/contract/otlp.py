"""Reading what a service sends by OTLP, whether it writes protobuf or JSON."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


@dataclass(frozen=True)
class Span:
    name: str
    kind: str
    trace: str  # ids in hexadecimal digits
    id: str
    parent: str
    failed: bool
    attributes: dict[str, Any]
    resource: dict[str, Any]


def read_spans(content_type: str, body: bytes) -> list[Span]:
    """Return the spans of an ExportTraceServiceRequest."""
    if content_type.partition(";")[0] == "application/json":
        return list(_from_json(json.loads(body)))
    return list(_from_protobuf(body))


def _from_json(document: Any) -> Iterator[Span]:
    for group in document["resourceSpans"]:
        resource = _pairs_json(group["resource"].get("attributes", []))
        for scope in group["scopeSpans"]:
            for span in scope["spans"]:
                yield Span(
                    span["name"],
                    _KINDS[span["kind"]],
                    _hexadecimal(span["traceId"]),
                    _hexadecimal(span["spanId"]),
                    _hexadecimal(span.get("parentSpanId", "")),
                    span.get("status", {}).get("code") == 2,
                    _pairs_json(span.get("attributes", [])),
                    resource,
                )


def _hexadecimal(text: str) -> str:
    return text.lower() if len(text) in (0, 16, 32) else base64.b64decode(text).hex()


def _pairs_json(pairs: list[Any]) -> dict[str, Any]:
    return {pair["key"]: next(iter(pair["value"].values())) for pair in pairs}


# The numbers are those of the fields in opentelemetry/proto: they never change.
def _from_protobuf(body: bytes) -> Iterator[Span]:
    for group in _fields(body).get(1, []):
        parts = _fields(group)
        resource = _pairs(_fields(parts[1][0]).get(1, []))
        for scope in parts.get(2, []):
            for span in map(_fields, _fields(scope).get(2, [])):
                yield Span(
                    span[5][0].decode(),
                    _KINDS[span[6][0]],
                    span[1][0].hex(),
                    span[2][0].hex(),
                    span.get(4, [b""])[0].hex(),
                    _fields(span.get(15, [b""])[0]).get(3) == [2],
                    _pairs(span.get(9, [])),
                    resource,
                )


def _pairs(pairs: list[bytes]) -> dict[str, Any]:
    found = {}
    for fields in map(_fields, pairs):
        [(kind, [value, *_])] = _fields(fields[2][0]).items()
        found[fields[1][0].decode()] = value.decode() if kind == 1 else value
    return found


def _fields(message: bytes) -> dict[int, list[Any]]:
    """Return the values of a message by number: integers, and bytes for all that has a length."""
    found: dict[int, list[Any]] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value: int | bytes
        match key & 7:
            case 0:
                value, at = _varint(message, at)
            case 1:
                value, at = message[at : at + 8], at + 8
            case 2:
                length, at = _varint(message, at)
                value, at = message[at : at + length], at + length
            case _:
                value, at = message[at : at + 4], at + 4
        found.setdefault(key >> 3, []).append(value)
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
