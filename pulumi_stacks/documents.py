"""The base of the models of printed documents: frozen, without unknown fields, with a JSON schema."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = "https://json-schema.org/draft/2020-12/schema"


class Document(BaseModel):
    """A document that is printed as JSON or YAML, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def schema_of_output(cls) -> dict[str, Any]:
        """Return the JSON schema (draft 2020-12) of the printed document."""
        return {"$schema": SCHEMA_VERSION, **cls.model_json_schema(mode="serialization")}
