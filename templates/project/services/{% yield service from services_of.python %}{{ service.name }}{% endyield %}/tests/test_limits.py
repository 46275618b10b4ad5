"""What happens to a body that is too large, message by message."""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from starlette.types import Message

from app import limits
from app.limits import BodyLimit

LIMIT = 10  # bytes


def send(body: Iterator[Message], **headers: str) -> list[Message]:
    """Post to an application that reads its body; return what it answers."""
    app = FastAPI()

    @app.post("/")
    async def read(request: Request) -> int:
        return len(await request.body())

    answers: list[Message] = []

    async def receive() -> Message:
        for message in body:
            return message
        await asyncio.sleep(60)
        raise AssertionError

    async def answer(message: Message) -> None:
        answers.append(message)

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": given}
    asyncio.run(BodyLimit(app, LIMIT)(scope, receive, answer))
    return answers


def parts(count: int, more: bool = False) -> Iterator[Message]:
    """A body in chunks of 4 bytes; with `more`, one that does not end."""
    for number in range(1, count + 1):
        yield {"type": "http.request", "body": b"4444", "more_body": more or number < count}


def refused(answers: list[Message]) -> bool:
    return answers[0]["status"] == 413 and (b"connection", b"close") in answers[0]["headers"]


def test_a_body_within_the_limit_passes() -> None:
    assert send(parts(2))[1]["body"] == b"8"


@pytest.mark.parametrize("headers", [{"content_length": "40"}, {}], ids=["declared", "in chunks"])
def test_the_rest_of_a_large_body_is_read_before_the_answer(headers: dict[str, str]) -> None:
    body = parts(10)
    assert refused(send(body, **headers))
    assert next(body, None) is None


@pytest.mark.parametrize("headers", [{"content_length": "40"}, {}], ids=["declared", "in chunks"])
def test_a_large_body_that_does_not_end_is_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(limits, "_DROPPING", 0.01)
    assert refused(send(parts(5, more=True), **headers))


def test_who_asks_before_sending_is_refused_at_once() -> None:
    body = parts(1)
    assert refused(send(body, content_length="40", expect="100-continue"))
    assert next(body, None) is not None
