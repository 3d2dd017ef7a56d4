"""A problem's own output validator, run in a box: exit code 42 accepts, 43 refuses, all else is our fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge_api.catalog.packages import TestCase
from sandbox import Command, Ending, FileIn, Limits, Mount, RunReport, Sandbox
from workers.checkers.contract import Check
from workers.checkers.programs import PackageProgram
from workers.judging.errors import PackageBroken

ACCEPT, REFUSE = 42, 43
_DATA, _FEEDBACK = "/d", "feedback"
_TESTLIB_VERDICTS = {0: True, 1: False, 2: False, 4: False, 5: False, 8: False}
"""ok, wrong answer, presentation error, dirt (ejudge: presentation), ejudge's wrong answer, unexpected end.

3 (ejudge: 6) is testlib's ``_fail``: the checker or the jury's answer is wrong, which is ours.
"""
_POINTS = 7
_COPY_OUTPUT = ("/usr/bin/sh", "-c", 'cat > /w/team.out || exit 3; exec "$@"', "sh")
"""Copies the output to where testlib may open it: the file itself is not the box's to open, and an output
does not belong into our memory."""
_MESSAGE_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Question:
    """What a validator is asked: a test, its input (another one in later passes), and its feedback so far."""

    case: TestCase
    input: Path
    feedback: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Validator:
    """One validator program. ``scoring`` problems may write scores, others may not."""

    sandbox: Sandbox
    program: PackageProgram
    limits: Limits
    scoring: bool = False

    def check(self, case: TestCase, output: Path) -> Check:
        """Ask about one output of a single pass."""
        return self.ask(Question(case, case.input), output)

    def ask(self, question: Question, output: Path) -> Check:
        """Ask about one output, given the passes before."""
        return self.read(self.sandbox.run(self.command(question, output)), question)

    def command(self, question: Question, output: Path | None) -> Command:
        """The validator's command line as the format has it; testlib's order where it is a testlib
        checker."""
        compiled = self.program.program
        answer = question.case.answer
        input_at = f"{_DATA}/in/{question.input.name}"
        answer_at = f"{_DATA}/ans/{answer.name}" if answer else "/w/no.ans"
        return Command(
            argv=self._argv((input_at, answer_at), question.case, output),
            limits=self.limits,
            stdin=output,
            files=(*_feedback_files(question), *_empty_answer(answer)),
            mounts=(compiled.mount, *_data_mounts(question)),
            collect=(_FEEDBACK,),
            environment=dict(compiled.language.environment),
            needs=compiled.language.needs,
        )

    def _argv(self, data: tuple[str, str], case: TestCase, output: Path | None) -> tuple[str, ...]:
        """A testlib checker opens the output by name, as an interactor does a file to write to."""
        input_at, answer_at = data
        program = self.program.program.argv
        if self.program.testlib:
            copy = () if output is None else _COPY_OUTPUT
            return (*copy, *program, input_at, "/w/team.out", answer_at)
        return (*program, input_at, answer_at, f"/w/{_FEEDBACK}/", *case.settings.validator_flags)

    def read(self, report: RunReport, question: Question) -> Check:
        """What the validator's end means. Raises PackageBroken when it means nothing."""
        accepted = self._judgement(report, question.case)
        files = _feedback(report)
        score = self._number(files, "score.txt", question.case)
        if score is None and self.program.testlib and report.exit_code == _POINTS:
            score = self._points(report, question.case)
        check = Check(
            accepted=accepted,
            message=_text(files, "judgemessage.txt") or (_words(report) if self.program.testlib else ""),
            team_message=_text(files, "teammessage.txt"),
            score=score,
            multiplier=self._number(files, "score_multiplier.txt", question.case),
            next_input=files.get("nextpass.in"),
            feedback={name: content for name, content in files.items() if name != "nextpass.in"},
        )
        if check.score is not None and check.multiplier is not None:
            raise self._fault(question.case, "wrote both score.txt and score_multiplier.txt")
        if check.next_input is not None and not accepted:
            raise self._fault(question.case, "wrote nextpass.in and refused the output")
        return check

    def _judgement(self, report: RunReport, case: TestCase) -> bool:
        if report.ending is not Ending.EXITED:
            raise self._fault(case, f"ended by {report.ending.value}: {_words(report)}")
        if report.exit_code in (ACCEPT, REFUSE):
            return report.exit_code == ACCEPT
        if self.program.testlib and report.exit_code in _TESTLIB_VERDICTS:
            return _TESTLIB_VERDICTS[report.exit_code]
        if self.program.testlib and report.exit_code == _POINTS and self.scoring:
            return True
        raise self._fault(case, f"ended with exit code {report.exit_code}: {_words(report)}")

    def _number(self, files: Mapping[str, bytes], name: str, case: TestCase) -> float | None:
        if name not in files or not self.scoring:
            return None
        try:
            value = float(files[name])
        except ValueError:
            value = -1.0
        if not 0 <= value < float("inf") or (name == "score_multiplier.txt" and value > 1):
            raise self._fault(case, f"wrote no usable number into {name}")
        return value

    def _points(self, report: RunReport, case: TestCase) -> float:
        """testlib tells partial points on stderr as ``points 12.5 ...``."""
        words = report.stderr.split()
        try:
            value = float(words[words.index(b"points") + 1])
        except (ValueError, IndexError):
            value = -1.0
        if not 0 <= value < float("inf"):
            raise self._fault(case, f"gave points that are no usable number: {_words(report)}")
        return value

    def _fault(self, case: TestCase, what: str) -> PackageBroken:
        return PackageBroken(f"{self.program.name} on {case.name}: {what}"[:2000])


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several validators of a legacy package: an output has to please every one."""

    validators: tuple[Validator, ...]

    def check(self, case: TestCase, output: Path) -> Check:
        check = Check(True)
        for validator in self.validators:
            check = validator.check(case, output)
            if not check.accepted:
                break
        return check


def _feedback_files(question: Question) -> tuple[FileIn, ...]:
    kept = [FileIn(f"{_FEEDBACK}/{name}", content) for name, content in question.feedback.items()]
    return (*kept, FileIn(f"{_FEEDBACK}/.keep", b""))


def _empty_answer(answer: Path | None) -> tuple[FileIn, ...]:
    return () if answer else (FileIn("no.ans", b""),)


def _data_mounts(question: Question) -> tuple[Mount, ...]:
    mounts = [Mount(question.input.parent, f"{_DATA}/in")]
    if question.case.answer:
        mounts.append(Mount(question.case.answer.parent, f"{_DATA}/ans"))
    return tuple(mounts)


def _feedback(report: RunReport) -> dict[str, bytes]:
    files = {name.removeprefix(f"{_FEEDBACK}/"): content for name, content in report.files.items()}
    files.pop(".keep", None)
    return files


def _text(files: Mapping[str, bytes], name: str) -> str:
    return files.get(name, b"")[:_MESSAGE_BYTES].decode("utf-8", errors="replace").strip()


def _words(report: RunReport) -> str:
    return report.stderr[:_MESSAGE_BYTES].decode("utf-8", errors="replace").strip()
