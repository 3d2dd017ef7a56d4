"""Other judges' APIs, for clients written for those: each translates, and none of them judges."""

from __future__ import annotations

from flask import Blueprint

from judge_api.web.dialects import judge0, leetcode

BLUEPRINTS: tuple[Blueprint, ...] = (*judge0.BLUEPRINTS, leetcode.blueprint)
