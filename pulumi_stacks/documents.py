"""What the models of printed documents share: they are frozen, closed, and have a JSON schema."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = "https://json-schema.org/draft/2020-12/schema"


class Document(BaseModel):
    """A value that is printed as JSON or YAML, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def schema_of_output(cls) -> dict[str, Any]:
        """Return the JSON schema (draft 2020-12) of what is printed."""
        return {"$schema": SCHEMA_VERSION, **cls.model_json_schema(mode="serialization")}
