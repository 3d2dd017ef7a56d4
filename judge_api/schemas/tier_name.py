"""The name of a tier, in requests and responses. Views check that a requested tier is defined."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, GetPydanticSchema
from pydantic_core import core_schema

from judge_core.model.account import TIER_PATTERN, Tier

FORMAT = "tier"
"""Marks the schema of a tier's name. The names of the defined tiers are added to it when ``/openapi.json`` is
served."""


def _schema(_source: object, _handler: object) -> core_schema.CoreSchema:
    text = core_schema.str_schema(pattern=f"^{TIER_PATTERN}$", max_length=16)
    return core_schema.no_info_after_validator_function(Tier, text)


TierName = Annotated[
    Tier,
    GetPydanticSchema(_schema),
    Field(
        description="A tier of this installation", examples=["normal"], json_schema_extra={"format": FORMAT}
    ),
]
