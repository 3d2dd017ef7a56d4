"""The base of the models that describe responses."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ResponseModel(BaseModel):
    """Describes a response in the OpenAPI document.

    Its validator is built when the document is first made, not when the module is imported. No response is
    validated, and building the validators of all responses would delay the start of each API process.
    """

    model_config = ConfigDict(defer_build=True)
