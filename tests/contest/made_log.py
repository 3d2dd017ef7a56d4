"""A made log of a contest: who sends what when, and how it is judged. The same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from judge_core.model.submission import Verdict

_VERDICTS = (Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.RTE, Verdict.CE)


@dataclass(frozen=True, slots=True)
class LoggedTry:
    """One submission: seconds of the contest, member, problem, its verdict and score, and the seconds until
    it is judged. Some are judged again later, with another verdict."""

    at: float
    member: int
    problem: int
    verdict: Verdict
    score: float
    judged_after: float
    rejudged: Verdict | None


def made_log(seed: int, members: int, problems: int, count: int, seconds: float) -> list[LoggedTry]:
    """In the order of their times. Strong members solve more; hard problems are solved less."""
    source = random.Random(seed)
    strength = [source.random() for _ in range(members)]
    found = []
    for _ in range(count):
        member, problem = source.randrange(members), source.randrange(problems)
        luck = 0.15 + 0.6 * strength[member] - 0.4 * problem / problems
        solved = source.random() < luck
        verdict = Verdict.AC if solved else source.choice(_VERDICTS[1:])
        found.append(
            LoggedTry(
                at=source.uniform(0, seconds),
                member=member,
                problem=problem,
                verdict=verdict,
                score=100.0 if solved else float(source.choice([0, 25, 50, 75])),
                judged_after=source.expovariate(1 / 20),
                rejudged=source.choice(_VERDICTS) if source.random() < 0.02 else None,
            )
        )
    return sorted(found, key=lambda each: each.at)
