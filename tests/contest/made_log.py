"""Makes a random log of a contest: each submission with its time, member, problem and verdict."""

from __future__ import annotations

import random
from dataclasses import dataclass

from judge_core.model.submission import Verdict

_VERDICTS = (Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.RTE, Verdict.CE)


@dataclass(frozen=True, slots=True)
class LoggedTry:
    """One submission. ``at`` is its second of the contest, and ``judged_after`` the seconds from then to its
    verdict. ``rejudged`` is the verdict of a later rejudging, if there is one."""

    at: float
    member: int
    problem: int
    verdict: Verdict
    score: float
    judged_after: float
    rejudged: Verdict | None


def made_log(seed: int, members: int, problems: int, count: int, seconds: float) -> list[LoggedTry]:
    """A random log of submissions in the order of their times. The same seed makes the same log.

    Strong members solve more problems, and hard problems are solved less often.
    """
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
