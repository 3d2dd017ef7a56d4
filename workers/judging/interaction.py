"""Interactive problems: the submission and the validator talk, each under its own limits.

Whichever side ends first with a fault decides. A submission that dies of a broken pipe after the validator
has
gone is not at fault for that; one that fails first is, whatever the validator makes of the silence.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from judge_api.catalog.packages import TestCase
from judge_api.domain.verdict import Verdict
from sandbox import Conversation, Ending, RunReport, Sandbox
from workers.checkers.contract import Check
from workers.checkers.validator import ACCEPT, REFUSE, Question, Validator
from workers.judging.passes import next_question, too_many_passes
from workers.judging.results import CaseRun
from workers.judging.running import Runner
from workers.judging.verdicts import Allowance, Opinion, is_borderline, judge_report

_CLEAR_LEAD_MS = 200.0
_CLOSE_CALL_MS = 50.0


@dataclass(frozen=True, slots=True)
class InteractiveTrial:
    """Tries an interactive problem, in one pass or in several."""

    sandbox: Sandbox
    runner: Runner
    validator: Validator
    allowed: Allowance
    passes: int = 1
    scratch: Path = Path()
    rerun_borderline: bool = True

    def attempt(self, case: TestCase) -> CaseRun:
        question = Question(case, case.input)
        for _ in range(self.passes):
            run = self._try(question)
            if not run.accepted or run.check is None or run.check.next_input is None:
                return run
            question = next_question(question, run.check, self.scratch)
        raise too_many_passes(case, self.passes)

    def _try(self, question: Question) -> CaseRun:
        """One conversation, and a second one if the first was too slow by so little that it may be noise."""
        talk = self._converse(question)
        if self.rerun_borderline and is_borderline(talk.first, self.allowed):
            talk = self._converse(question)
        if self._is_close_call(talk):
            talk = self._decided(talk, self._converse(question), lambda: self._converse(question))
        return self._judge(question, talk)

    def _is_close_call(self, talk: Conversation) -> bool:
        """Both failed at nearly one time: a busy host may have seen the second of them first."""
        both = talk.first.exit_code not in (0, None) and talk.second.exit_code == REFUSE
        return both and abs(talk.first.wall_ms - talk.second.wall_ms) < _CLOSE_CALL_MS

    def _decided(
        self, talk: Conversation, again: Conversation, once_more: Callable[[], Conversation]
    ) -> Conversation:
        """The conversation that two of three agree with on who failed first."""
        return again if talk.ended_first == again.ended_first else once_more()

    def _converse(self, question: Question) -> Conversation:
        solution = replace(self.runner.command(question.case, None), stdout=None)
        validator = self.validator.command(question, None)
        wall = solution.limits.wall_seconds + validator.limits.wall_seconds
        validator = replace(validator, limits=replace(validator.limits, wall_seconds=wall))
        return self.sandbox.converse(solution, validator)

    def _judge(self, question: Question, talk: Conversation) -> CaseRun:
        opinion = judge_report(talk.first, self.allowed, None)
        if opinion is not None and self._is_excused(talk):
            opinion = None
        if opinion is not None and not self._refused_first(talk):
            return CaseRun(question.case, talk.first, opinion)
        check = self.validator.read(talk.second, question)
        return CaseRun(question.case, talk.first, _opinion(check), check)

    def _is_excused(self, talk: Conversation) -> bool:
        return talk.ended_first == 1 and died_of_pipe(talk.first)

    def _refused_first(self, talk: Conversation) -> bool:
        """The validator had left with its refusal before the submission failed.

        A submission that is cut off closes its pipes before its end is told, so that a validator may seem to
        have been first by a little: only a clear lead counts there.
        """
        was_cut = talk.first.ending not in (Ending.EXITED, Ending.SIGNALLED)
        lead = talk.first.wall_ms - talk.second.wall_ms
        refused = not (talk.second.ending is Ending.EXITED and talk.second.exit_code == ACCEPT)
        return refused and talk.ended_first == 1 and (not was_cut or lead > _CLEAR_LEAD_MS)


def died_of_pipe(report: RunReport) -> bool:
    return report.ending is Ending.SIGNALLED and report.signal == signal.SIGPIPE


def _opinion(check: Check) -> Opinion:
    return (
        Opinion(Verdict.AC, "") if check.accepted else Opinion(Verdict.WA, "the interaction is not accepted")
    )
