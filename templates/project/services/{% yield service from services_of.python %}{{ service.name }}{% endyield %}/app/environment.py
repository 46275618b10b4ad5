"""What every command reads from the environment, and how a wrong value is reported."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app import NAME

_Level = Literal["debug", "info", "warning", "error", "critical"]


def _address(value: str) -> str:
    try:
        url = urlsplit(value)
        valid = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("is not an address like http://name:8080")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class Environment(BaseSettings):
    """Read from environment variables of the same names; an empty one counts as not set."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, frozen=True, hide_input_in_errors=True, protected_namespaces=()
    )

    service_name: str = NAME
    service_version: str = "dev"
    log_level: Annotated[_Level, BeforeValidator(str.lower)] = "info"


def explain(error: ValidationError) -> str:
    """Name every wrong variable in one line, never its value."""
    problems = []
    for fault in error.errors(include_url=False, include_input=False):
        name = "".join(str(part) for part in fault["loc"]).upper()
        if fault["type"] == "missing":
            problems.append(f"{name} is not set")
        else:
            problems.append(f"{name} {fault['msg'].removeprefix('Value error, ')}".strip())
    return "; ".join(problems)
