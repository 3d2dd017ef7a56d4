"""The statistics of a problem's submissions (counts, marks, runtimes) are correct."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine, update

from judge_api.store.engine import write_transaction
from judge_api.store.records import SubmissionFilter
from judge_api.store.statistics import Compared, ProblemCounts, StatisticsStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Kind, Verdict
from tests.support.records import add_account, finished, new_submission

PYTHON = Compared("aplusb", "python3")


def judged(engine: Engine, account: str, verdict: Verdict, cpu_ms: int) -> str:
    id = SubmissionStore(engine).accept(new_submission(account)).status.id
    assert VerdictStore(engine).record(finished(id, verdict=verdict)) is not None
    with write_transaction(engine) as connection:
        connection.execute(update(submissions).where(submissions.c.id == id).values(cpu_ms=cpu_ms))
    return id


def test_the_counts_marks_and_runtimes_of_a_problem_are_correct(engine: Engine) -> None:
    ada, bob, eve = (add_account(engine, name) for name in ("ada", "bob", "eve"))
    judged(engine, ada, Verdict.AC, 30)
    judged(engine, ada, Verdict.AC, 20)
    judged(engine, bob, Verdict.WA, 5)
    SubmissionStore(engine).accept(new_submission(eve))
    standings = StatisticsStore(engine)
    assert standings.counts() == {"aplusb": ProblemCounts(3, 2)}
    assert standings.counts()["aplusb"].rate == 0.6667
    assert [standings.marks(each) for each in (ada, bob, eve)] == [
        {"aplusb": "solved"},
        {"aplusb": "tried"},
        {},
    ]
    assert standings.runtimes(PYTHON) == [20]
    assert standings.runtimes(replace(PYTHON, language="cpp20")) == []
    assert standings.runtimes(replace(PYTHON, without=ada)) == []
    assert standings.best_runtime(ada, PYTHON) == 20
    assert standings.best_runtime(bob, PYTHON) is None


def test_runs_on_own_input_do_not_count_in_the_statistics_of_a_problem(engine: Engine) -> None:
    account = add_account(engine)
    id = judged(engine, account, Verdict.AC, 1)
    with write_transaction(engine) as connection:
        connection.execute(update(submissions).where(submissions.c.id == id).values(kind=Kind.RUN.value))
    standings = StatisticsStore(engine)
    assert (standings.counts(), standings.marks(account)) == ({}, {})
    assert standings.runtimes(PYTHON) == []


def test_an_accepted_submission_with_less_than_the_greatest_score_counts_as_tried(engine: Engine) -> None:
    ada, bob = add_account(engine, "ada"), add_account(engine, "bob")
    set_score(engine, judged(engine, ada, Verdict.AC, 7), 30)
    set_score(engine, judged(engine, bob, Verdict.AC, 9), 100)
    standings, known = StatisticsStore(engine), {"aplusb": 100.0}
    assert standings.counts(known) == {"aplusb": ProblemCounts(2, 1)}
    assert standings.counts() == {"aplusb": ProblemCounts(2, 2)}, (
        "without the greatest score every accepted submission must count as solved"
    )
    assert [standings.marks(each, known)["aplusb"] for each in (ada, bob)] == ["tried", "solved"]
    assert standings.best_scores(ada) == {"aplusb": 30.0}
    full = replace(PYTHON, max_score=100.0)
    assert standings.runtimes(full) == [9]
    assert standings.best_runtime(ada, full) is None


def test_the_list_of_submissions_can_be_filtered_by_full_or_partial_score(engine: Engine) -> None:
    ada = add_account(engine, "ada")
    partial, full = judged(engine, ada, Verdict.AC, 1), judged(engine, ada, Verdict.AC, 1)
    judged(engine, ada, Verdict.WA, 1)
    set_score(engine, partial, 30)
    set_score(engine, full, 100)

    def found(full_marks: bool, max_scores: dict[str, float]) -> list[str]:
        which = SubmissionFilter(account_id=ada, full_marks=full_marks, max_scores=max_scores)
        return [status.id for status in SubmissionStore(engine).page(which).items]

    assert found(False, {"aplusb": 100.0}) == [partial]
    assert found(True, {"aplusb": 100.0}) == [full]
    assert (found(False, {}), found(True, {})) == ([], [full, partial])


def set_score(engine: Engine, id: str, score: float) -> None:
    with write_transaction(engine) as connection:
        connection.execute(update(submissions).where(submissions.c.id == id).values(score=score))
