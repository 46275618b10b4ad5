"""Errors as RFC 9457 problem documents, whatever raised them."""

import json
from collections.abc import Mapping
from http import HTTPMethod, HTTPStatus
from typing import Any

from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One wrong value in a request."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 says it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    errors: list[FieldError] | None = None


# For FastAPI(responses=…): every operation may answer with a problem.
RESPONSES: dict[int | str, dict[str, Any]] = {"default": {"model": Problem, "description": "Problem"}}


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document, in its answers and in its OpenAPI description."""

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)
        headers = {"Allow": _methods(request)} if error.status_code == 405 else error.headers
        return respond(error.status_code, str(error.detail), headers=headers)

    async def on_invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        # Never the offending input: it may be a secret, or text that cannot be encoded.
        errors = [FieldError(pointer=_pointer(e["loc"]), detail=e["msg"]) for e in error.errors()]
        return respond(422, "the request is not valid", errors)

    async def on_bug(_: Request, __: Exception) -> Response:
        return respond(500)  # the server logs the traceback

    app.add_exception_handler(StarletteHTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_bug)
    app.openapi = lambda: _describe(app)  # type: ignore[method-assign]


def respond(
    status: int,
    detail: str | None = None,
    errors: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a problem document."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)
    # Escaped to ASCII, because a request can hold text (lone surrogates) that UTF-8 cannot.
    body = json.dumps(problem.model_dump(exclude_none=True))
    return Response(body, status, headers, MEDIA_TYPE)


def require_json(content_type: str = Header(include_in_schema=False, default="")) -> None:
    """Refuse a body that does not say it is JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise HTTPException(415, "the body must be application/json")


def _methods(request: Request) -> str:
    # Asked one by one, because the router names only those of the first route that has the path.
    def exists(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(method for method in HTTPMethod if exists(method))


def _pointer(location: tuple[int | str, ...]) -> str:
    return "/".join(["#", *(str(part).replace("~", "~0").replace("/", "~1") for part in location)])


def _describe(app: FastAPI) -> dict[str, Any]:
    document = FastAPI.openapi(app)
    for path in document["paths"].values():
        for operation in path.values():
            content = operation["responses"].get("default", {}).get("content", {})
            if "application/json" in content:
                content[MEDIA_TYPE] = content.pop("application/json")
    return document
