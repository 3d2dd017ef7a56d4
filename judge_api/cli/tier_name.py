"""The name of a tier on the command line. The command checks that the tier is defined, since this check needs
the settings."""

from __future__ import annotations

import click

from judge_core.model.account import Tier


class TierName(click.ParamType[Tier]):
    """Converts to :class:`Tier`."""

    name = "tier"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Tier:
        try:
            return Tier(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
