"""Statistics of a problem's submissions (counts, marks, runtimes) each use an index."""

from __future__ import annotations

from sqlalchemy import Engine, update

from judge_api.store.engine import write_transaction
from judge_api.store.statistics import ProblemCounts, StatisticsStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Kind
from judge_core.model.verdict import Verdict
from tests.support.records import add_account, finished, new_submission


def judged(engine: Engine, account: str, verdict: Verdict, cpu_ms: int) -> str:
    id = SubmissionStore(engine).accept(new_submission(account)).status.id
    assert VerdictStore(engine).record(finished(id, verdict=verdict)) is not None
    with write_transaction(engine) as connection:
        connection.execute(update(submissions).where(submissions.c.id == id).values(cpu_ms=cpu_ms))
    return id


def test_counts_marks_and_runtimes(engine: Engine) -> None:
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
    assert standings.runtimes("aplusb", "python3") == [20, 30]
    assert standings.runtimes("aplusb", "cpp20") == []
    assert standings.best_runtime(ada, "aplusb", "python3") == 20
    assert standings.best_runtime(bob, "aplusb", "python3") is None


def test_runs_on_own_input_do_not_count(engine: Engine) -> None:
    account = add_account(engine)
    id = judged(engine, account, Verdict.AC, 1)
    with write_transaction(engine) as connection:
        connection.execute(update(submissions).where(submissions.c.id == id).values(kind=Kind.RUN.value))
    standings = StatisticsStore(engine)
    assert (standings.counts(), standings.marks(account)) == ({}, {})
    assert standings.runtimes("aplusb", "python3") == []
