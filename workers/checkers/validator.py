"""Runs a problem's own output validator in the sandbox. Exit code 42 accepts, 43 refuses, others are faults.
A testlib checker may also use testlib's exit codes."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from judge_core.packages import TestCase
from judge_core.packages.number_bounds import MULTIPLIER, SCORE
from sandbox import Command, Ending, InputFile, Limits, Mount, RunReport, Sandbox
from workers.checkers import feedback
from workers.checkers.checker import CheckResult
from workers.checkers.feedback import Feedback
from workers.checkers.programs import PackageProgram
from workers.checkers.submission_files import SubmissionFiles
from workers.judging.errors import PackageBroken
from workers.judging.program_runner import with_memory_for_files

ACCEPT, REFUSE = 42, 43
_DATA = "/d"
_TESTLIB_VERDICTS = {0: True, 1: False, 2: False, 4: False, 5: False, 8: False}
"""Whether each exit code of testlib accepts: 0 ok, 1 wrong answer, 2 presentation error, 4 dirt (in ejudge:
presentation error), 5 wrong answer in ejudge, 8 unexpected end of file.

3 (in ejudge: 6) is left out. It is testlib's ``_fail``, which says that the checker or the jury's answer is
wrong, so the package is at fault.
"""
_POINTS = 7
_PARTLY = re.compile(rb"partially correct \((\d{1,3})\)")
"""The beginning of testlib's message after ``_pc``. The exit code may be any number then, also 0 or 1."""
_WHOLE = 200
"""The number of ``_pc`` that means the full score, as on Codeforces."""
_COPY_OUTPUT = ("/usr/bin/sh", "-c", 'cat > /w/team.out || exit 3; exec "$@"', "sh")
"""Copies the output to a file that testlib may open. The host's file is not visible in the box, and the
worker does not read outputs into its memory."""
_MESSAGE_BYTES = 16 * 1024
_CRASH_BYTES = 1500
_SHOWN_BYTES = 400


@dataclass(frozen=True, slots=True)
class ValidationRequest:
    """An output to validate: its test, the input (in later passes a new one), and the feedback of earlier
    passes."""

    case: TestCase
    input: Path
    feedback: Path | None = None


class ScoreRules(StrEnum):
    """The scores that a validator may write. 2023-07 forbids a score for a refused output."""

    NONE = "none"
    LEGACY = "legacy"
    ACCEPTED_ONLY = "accepted only"


@dataclass(frozen=True, slots=True)
class ValidatorFiles:
    """The validator's files. ``folder`` gets its feedback, and ``submission`` is shown in its working
    folder."""

    folder: Path
    submission: SubmissionFiles | None = None

    def files(self, request: ValidationRequest) -> tuple[InputFile, ...]:
        shown = self.submission.files if self.submission else ()
        empty = () if request.case.answer else (InputFile("no.ans", b""),)
        return (*feedback.files_of_previous_passes(request.feedback), *empty, *shown)

    def mounts(self, request: ValidationRequest) -> tuple[Mount, ...]:
        answer = request.case.answer
        data = (Mount(request.input.parent, f"{_DATA}/in"),)
        return (*data, Mount(answer.parent, f"{_DATA}/ans")) if answer else data


@dataclass(frozen=True, slots=True)
class Validator:
    """One validator program. Its feedback stays in its folder until the next request."""

    sandbox: Sandbox
    program: PackageProgram
    limits: Limits
    folders: ValidatorFiles
    scores: ScoreRules = ScoreRules.NONE

    def check(self, case: TestCase, output: Path) -> CheckResult:
        """Validate the output of a single pass."""
        return self.validate(ValidationRequest(case, case.input), output)

    def validate(self, request: ValidationRequest, output: Path) -> CheckResult:
        """Validate the output of one pass, with the feedback of the previous passes."""
        report = self.sandbox.run(self.command(request, output))
        # A busy host may be the cause, and the fault would be final. So the validator runs once more.
        if report.ending is Ending.WALL:
            report = self.sandbox.run(self.command(request, output))
        try:
            return self.result(report, request)
        except PackageBroken as fault:
            raise PackageBroken(
                f"{fault.reason}\nThe output that it read begins with {_head(output)}"
            ) from fault

    def command(self, request: ValidationRequest, output: Path | None) -> Command:
        """The validator's command line in the order of the format, or of testlib for a testlib checker.
        Deletes the feedback of the previous request."""
        shutil.rmtree(self.folders.folder, ignore_errors=True)
        compiled, files = self.program.program, self.folders.files(request)
        answer = request.case.answer
        input_at = f"{_DATA}/in/{request.input.name}"
        answer_at = f"{_DATA}/ans/{answer.name}" if answer else "/w/no.ans"
        return Command(
            argv=self._argv((input_at, answer_at), request.case, output),
            limits=with_memory_for_files(self.limits, files),
            stdin=output,
            files=files,
            mounts=(compiled.mount, *self.folders.mounts(request)),
            collect=(feedback.NAME,),
            collect_bytes=self.limits.output_bytes,
            collect_to=self.folders.folder,
            environment=self.program.environment,
            seccomp_profile=compiled.language.seccomp_profile,
        )

    def _argv(self, data: tuple[str, str], case: TestCase, output: Path | None) -> tuple[str, ...]:
        """A testlib checker opens the output by its name. An interactor writes to a file of that name."""
        input_at, answer_at = data
        program = self.program.program.argv
        if self.program.testlib:
            copy = () if output is None else _COPY_OUTPUT
            return (*copy, *program, input_at, "/w/team.out", answer_at)
        return (*program, input_at, answer_at, f"/w/{feedback.NAME}/", *case.settings.validator_flags)

    def accepts(self, report: RunReport) -> bool:
        """Whether a validator ended by itself and accepted what it read."""
        if report.ending is not Ending.EXITED:
            return False
        codes = (ACCEPT, 0, _POINTS) if self.program.testlib else (ACCEPT,)
        return report.exit_code in codes

    def result(self, report: RunReport, request: ValidationRequest) -> CheckResult:
        """The result of a validator's run. Raises PackageBroken if the run gives no result."""
        accepted = self._is_accepted(report, request.case)
        if report.skipped_files:
            most = self.limits.output_bytes >> 20
            allowed = f"limits.validation_output allows ({most} MiB), or a file with too long a name"
            raise self._fault(request.case, f"wrote more than {allowed}")
        written = Feedback(self.folders.folder / feedback.NAME)
        check = CheckResult(
            accepted=accepted,
            message=written.text("judgemessage.txt")
            or (_stderr_text(report) if self.program.testlib else ""),
            team_message=written.text("teammessage.txt"),
            score=self._score(written, report, request.case),
            multiplier=self._multiplier(written, report, request.case),
            next_input=written.file("nextpass.in"),
        )
        self._refuse_contradictions(check, request.case)
        return check

    def _refuse_contradictions(self, check: CheckResult, case: TestCase) -> None:
        scored = check.score is not None or check.multiplier is not None
        if check.score is not None and check.multiplier is not None:
            raise self._fault(case, "wrote both score.txt and score_multiplier.txt")
        if scored and not check.accepted and self.scores is ScoreRules.ACCEPTED_ONLY:
            raise self._fault(case, "wrote a score and refused the output")
        if check.next_input is not None and not check.accepted:
            raise self._fault(case, "wrote nextpass.in and refused the output")

    def _is_accepted(self, report: RunReport, case: TestCase) -> bool:
        if report.ending is not Ending.EXITED:
            raise self._fault(case, f"ended by {report.ending.value}: {_stderr_end(report)}")
        if report.exit_code in (ACCEPT, REFUSE):
            return report.exit_code == ACCEPT
        part = self._part(report)
        if part is not None:
            return part > 0 if self.scores is not ScoreRules.NONE else part >= 1
        if self.program.testlib and report.exit_code in _TESTLIB_VERDICTS:
            return _TESTLIB_VERDICTS[report.exit_code]
        if self.program.testlib and report.exit_code == _POINTS and self.scores is not ScoreRules.NONE:
            return True
        if self.program.testlib and report.exit_code == _POINTS:
            what = "ended with exit code 7 (quitp, points), and the problem is not of type scoring"
            raise self._fault(case, what)
        raise self._fault(case, f"ended with exit code {report.exit_code}: {_stderr_end(report)}")

    def _part(self, report: RunReport) -> float | None:
        """The share from 0 to 1 that testlib's ``_pc`` gives, or ``None`` if the checker gave none."""
        hit = _PARTLY.match(report.stderr) if self.program.testlib else None
        return None if hit is None else min(1.0, int(hit.group(1)) / _WHOLE)

    def _multiplier(self, written: Feedback, report: RunReport, case: TestCase) -> float | None:
        part = self._part(report)
        if part is None or self.scores is ScoreRules.NONE:
            return self._number(written, "score_multiplier.txt", case)
        return part if part > 0 else None

    def _score(self, written: Feedback, report: RunReport, case: TestCase) -> float | None:
        score = self._number(written, "score.txt", case)
        if score is None and self.program.testlib and report.exit_code == _POINTS:
            return self._points(report, case)
        return score

    def _number(self, written: Feedback, name: str, case: TestCase) -> float | None:
        value = None if self.scores is ScoreRules.NONE else written.number(name)
        if value is None:
            return None
        if value not in (MULTIPLIER if name == "score_multiplier.txt" else SCORE):
            raise self._fault(case, f"wrote no usable number into {name}")
        return value

    def _points(self, report: RunReport, case: TestCase) -> float:
        """testlib prints partial points on stderr as ``points 12.5 ...``."""
        parts = report.stderr.split()
        try:
            value = float(parts[parts.index(b"points") + 1])
        except (ValueError, IndexError):
            value = -1.0
        if value not in SCORE:
            raise self._fault(case, f"gave points that are no usable number: {_stderr_text(report)}")
        return value

    def _fault(self, case: TestCase, what: str) -> PackageBroken:
        return PackageBroken(f"{self.program.name} on {case.name}: {what}")


@dataclass(frozen=True, slots=True)
class AllValidators:
    """Several validators of a legacy package. All of them have to accept the output."""

    validators: tuple[Validator, ...]

    def check(self, case: TestCase, output: Path) -> CheckResult:
        check = CheckResult(True)
        for validator in self.validators:
            check = validator.check(case, output)
            if not check.accepted:
                break
        return check


def _stderr_text(report: RunReport) -> str:
    return report.stderr[:_MESSAGE_BYTES].decode("utf-8", errors="replace").strip()


def _stderr_end(report: RunReport) -> str:
    """The end of a program's stderr, where the reason of a crash is."""
    return report.stderr[-_CRASH_BYTES:].decode("utf-8", errors="replace").strip()


def _head(output: Path) -> str:
    with output.open("rb") as file:
        head = file.read(_SHOWN_BYTES + 1)
    shown = repr(head[:_SHOWN_BYTES].decode("utf-8", errors="replace"))
    return shown if len(head) <= _SHOWN_BYTES else f"{shown}…"
