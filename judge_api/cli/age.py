"""The type of options such as ``--older-than 90d``."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Age(click.ParamType[timedelta]):
    """A number of days, hours or weeks, such as ``90d``, ``12h`` or ``4w``."""

    name = "age"

    def convert(
        self, value: object, param: click.Parameter | None, context: click.Context | None
    ) -> timedelta:
        found = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", str(value))
        if found is None:
            self.fail(f"{value!r} is not an age: use a number and h, d or w, such as 90d.", param, context)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
