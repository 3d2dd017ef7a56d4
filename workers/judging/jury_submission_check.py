"""Finds out whether a package is broken for every submission, or its checker crashed on one submission only.

A contestant who finds an output on which the checker crashes must not get the problem suspended. So the
package's own accepted submission decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from judge_core.model.submission import Outcome
from judge_core.packages import Package, Program
from workers.judging.errors import JudgingFault, PackageBroken
from workers.judging.progress import Deadline, NoProgress, ProgressListener

_BUDGET_SECONDS = 30.0
_REMEMBERED_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class JurySubmissionCheck:
    """Judges a package's first accepted submission that this host can judge, and caches the answer for ten
    minutes."""

    judge_bundled: Callable[[Package, Program, ProgressListener], Outcome | None]
    _known: dict[Path, tuple[float, bool]] = field(default_factory=dict)

    def fails(self, package: Package) -> bool:
        """Whether the package's own accepted submission fails too, because of the package."""
        at, fails = self._known.get(package.folder, (-_REMEMBERED_SECONDS, False))
        now = time.monotonic()
        if now - at >= _REMEMBERED_SECONDS:
            fails = self._judge(package)
            self._known[package.folder] = (now, fails)
        return fails

    def _judge(self, package: Package) -> bool:
        deadline = Deadline(time.monotonic() + _BUDGET_SECONDS, NoProgress())
        for program in package.submissions:
            if not program.name.startswith("accepted/"):
                continue
            try:
                if self.judge_bundled(package, program, deadline) is not None:
                    return False
            except PackageBroken:
                return True
            except JudgingFault:  # A missing language or a lack of time says nothing about the package.
                continue
        return False
