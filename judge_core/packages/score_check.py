"""Checks that the scores of 2023-07's test groups add up, before any submission is judged by them."""

from __future__ import annotations

from dataclasses import dataclass

from judge_core.model.numbers import readable
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.group_settings import Aggregation
from judge_core.packages.package import TestCase, TestGroup

_ROUNDING = 1e-9


def check_scores(root: TestGroup, faults: Diagnostics) -> None:
    """Report every contradiction in the scoring of the secret group and of those below it."""
    secret = next((group for group in root.groups() if group.name == "secret"), None)
    if secret is None:
        return
    check = _ScoreCheck(root, faults)
    top = None if secret.settings.unbounded else secret.settings.secret_maximum
    check.check_group(secret, top)


@dataclass(frozen=True, slots=True)
class _ScoreCheck:
    root: TestGroup
    faults: Diagnostics

    def check_group(self, group: TestGroup, top: float | None) -> None:
        """Check a group against its maximum (``None``: unbounded), then the groups below it."""
        self._check_requirements(group)
        below = [part for part in group.parts if isinstance(part, TestGroup)]
        if group.settings.aggregation is Aggregation.PASS_FAIL:
            self._check_pass_fail(group, below, top)
            return
        share = self._share(group, top)
        for part in below:
            own = part.settings.max_score
            if part.settings.unbounded and top is not None:
                self._error(part, "has an unbounded score, and the group above has a maximum")
            self.check_group(part, None if part.settings.unbounded else share if own is None else own)

    def _check_pass_fail(self, group: TestGroup, below: list[TestGroup], top: float | None) -> None:
        if top is None:
            self._error(group, "gives all or nothing (pass-fail aggregation), so it needs a score")
        for part in below:
            if part.settings.aggregation is not Aggregation.PASS_FAIL:
                self._error(
                    part, f"must have the aggregation pass-fail, since it is below {group.name}, which has it"
                )

    def _share(self, group: TestGroup, top: float | None) -> float | None:
        """The score of each part that has no score of its own: an equal share of the rest."""
        if top is None or group.settings.aggregation is Aggregation.MIN:
            return top
        own = [_own_score(part) for part in group.parts]
        left = top - sum(score for score in own if score is not None)
        if left < -_ROUNDING:
            points, most = readable(round(top - left, 6)), readable(round(top, 6))
            self._error(group, f"has parts with {points} points together, and a maximum of {most}")
        return max(left, 0.0) / max(1, own.count(None))

    def _check_requirements(self, group: TestGroup) -> None:
        groups = {each.name: each for each in self.root.groups()}
        cases = {case.name for case in self.root.cases()}
        for name in group.settings.require_pass:
            required = groups.get(name)
            if required is None and name not in cases:
                self._error(group, f"requires {name}, which is neither a test nor a group")
            elif name >= group.name:
                self._error(group, f"requires {name}, which is judged later: it must come first by its name")
            elif required is not None and not _gives_all_or_nothing(required):
                self._error(group, f"requires {name}, which is neither sample nor of pass-fail aggregation")

    def _error(self, group: TestGroup, what: str) -> None:
        self.faults.error(f"data/{group.name}/test_group.yaml", what)


def _own_score(part: TestCase | TestGroup) -> float | None:
    return part.settings.max_score if isinstance(part, TestGroup) else part.max_score


def _gives_all_or_nothing(group: TestGroup) -> bool:
    return group.name == "sample" or group.settings.aggregation is Aggregation.PASS_FAIL
