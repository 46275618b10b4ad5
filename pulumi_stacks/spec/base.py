"""The base of all models of cn.yaml."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A mapping of fields in cn.yaml: frozen, without unknown fields, without conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
