"""`judge_api.client` still works for one release, with a warning."""

from __future__ import annotations

import importlib
import sys

import pytest

import gavel_client


def test_judge_api_client_warns_and_exports_the_names_of_gavel_client() -> None:
    sys.modules.pop("judge_api.client", None)
    with pytest.warns(DeprecationWarning, match="from gavel_client import Gavel"):
        old = importlib.import_module("judge_api.client")
    assert old.__all__ == gavel_client.__all__
    assert all(getattr(old, name) is getattr(gavel_client, name) for name in gavel_client.__all__)
