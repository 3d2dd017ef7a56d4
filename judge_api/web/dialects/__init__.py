"""Other judges' APIs, for clients written for those: each translates, and none of them judges."""

from __future__ import annotations

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
