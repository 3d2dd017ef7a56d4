"""The dialects that are spoken: one line for each."""

from __future__ import annotations

from flask import Blueprint

from judge_api.compat.judge0.views import BLUEPRINTS as JUDGE0
from judge_api.compat.leetcode.views import blueprint as LEETCODE

BLUEPRINTS: tuple[Blueprint, ...] = (*JUDGE0, LEETCODE)
