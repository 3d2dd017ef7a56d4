"""If a source makes its compiler write files that cannot be stored, that is a compile error, not a fault."""

from __future__ import annotations

import pytest

from judge_core.messages import CustomRun
from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture

HONEST = CustomRun((("", "42"),))


def leaving(what: str) -> str:
    """A Perl program that does something in the compiler's folder while its syntax is checked."""
    return f'BEGIN {{ if (-d "/w/out") {{ chdir "/w/out"; {what} }} }} print 42; exit 1;'


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            leaving('mkdir "solution.pl"; open F, ">", "solution.pl/x"; print F "x"; close F;'),
            "solution.pl is a file and a folder",
        ),
        (
            leaving(
                'for (1..8) { mkdir("d" x 245); chdir("d" x 245); } open F, ">", "f"; print F "x"; close F;'
            ),
            "the path of a file in it is longer",
        ),
    ],
    ids=["a folder in the source's place", "a path that is too long"],
)
def test_a_program_that_cannot_be_stored_is_a_compile_error_and_the_next_run_is_judged(
    judging: JudgeFixture, source: str, words: str
) -> None:
    for _ in range(2):
        outcome = judging.run(source, HONEST, "perl")
        assert outcome.verdict is Verdict.CE
        said = outcome.compile_output or ""
        assert said.startswith("the program cannot be stored: ")
        assert words in said
    assert judging.run("print 42;", HONEST, "perl").verdict is Verdict.AC


def test_a_perl_program_that_rewrites_its_source_while_it_is_checked_runs_as_submitted(
    judging: JudgeFixture,
) -> None:
    other = leaving('open F, ">", "solution.pl"; print F "print 43;"; close F;')
    assert judging.run(other, HONEST, "perl").verdict is Verdict.RTE
    right = other.replace("exit 1;", "")
    assert judging.run(right, CustomRun((("", "42"), ("", "43"))), "perl").verdict is Verdict.WA
    assert judging.run(right, HONEST, "perl").verdict is Verdict.AC
