"""In a batch each item is accepted or refused by itself, counted like a single submission, and stored
once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import outbox
from judge_api.store.verdicts import VerdictStore
from judge_core.model.errors import FieldFault, StoreUnavailable, UnreadableRecord, UnstorableValue
from tests.support.records import finished
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import SUM, AppFixture, build_app

GOOD = {"problem": "aplusb", "language": "python3", "source": SUM}
RUN = {"language": "python3", "source": SUM, "stdin": "1 2"}


def _post(app: AppFixture, items: list[Any], name: str = "ada", key: str | None = None) -> Any:
    kind = "runs" if items and isinstance(items[0], dict) and "problem" not in items[0] else "submissions"
    headers = {**app.headers(name), **({"Idempotency-Key": key} if key else {})}
    return app.client.post(f"/{kind}/batch", json={kind: items}, headers=headers)


def _statuses(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.get_json()
    return [one["status"] for one in answer.get_json()["results"]]


def _ids(answer: Any) -> list[str]:
    return [one["accepted"]["id"] for one in answer.get_json()["results"] if one["accepted"]]


def test_each_item_of_a_batch_is_accepted_or_refused_separately(app: AppFixture) -> None:
    wrong = [{**GOOD, "problem": "nowhere"}, {**GOOD, "soruce": "x"}, "text", None, {**GOOD, "language": 7}]
    answer = _post(app, [GOOD, *wrong, {**GOOD, "source": "x" * 300_000}, GOOD])
    assert _statuses(answer) == [202, 422, 422, 422, 422, 422, 413, 202]
    results = answer.get_json()["results"]
    assert results[2]["error"]["errors"][0]["message"] == "is not known here; did you mean source?"
    assert results[0]["accepted"]["status_url"] == f"/status/{results[0]['accepted']['id']}"
    for id in _ids(answer):
        assert app.client.get(f"/submissions/{id}", headers=app.headers()).get_json()["source"] == SUM


def test_a_batch_may_have_runs(app: AppFixture) -> None:
    answer = _post(app, [RUN, {**RUN, "input": "1"}, {**RUN, "stdin_base64": "AA=="}])
    assert _statuses(answer) == [202, 422, 422]
    found = app.services.submissions.submission(_ids(answer)[0])
    assert found is not None
    assert found.run is not None
    assert found.run.cases == (("1 2", None),)


@pytest.mark.parametrize("items", [[], [GOOD] * 101, "text", None])
def test_a_batch_with_no_item_or_more_than_a_hundred_is_refused(app: AppFixture, items: Any) -> None:
    answer = app.client.post("/submissions/batch", json={"submissions": items}, headers=app.headers())
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "submissions")


def test_a_repeated_batch_stores_each_submission_once(app: AppFixture) -> None:
    batch = [{**GOOD, "source": f"{SUM}  # {number}"} for number in range(30)]
    first, again = (_post(app, batch, key="once") for _ in range(2))
    assert _ids(first) == _ids(again)
    assert not any(one["accepted"]["replayed"] for one in first.get_json()["results"])
    assert all(one["accepted"]["replayed"] for one in again.get_json()["results"])
    changed = _post(app, [*batch[:5], GOOD], key="once")
    assert _statuses(changed) == [202] * 5 + [422]
    assert changed.get_json()["results"][5]["error"]["type"] == "/errors/idempotency-key-reused"


def test_a_batch_and_a_submission_with_the_same_idempotency_key_are_both_stored(app: AppFixture) -> None:
    key = "k" * 255
    assert _statuses(_post(app, [GOOD, GOOD], key=key)) == [202, 202]
    single = app.client.post("/submissions", json=GOOD, headers={**app.headers(), "Idempotency-Key": key})
    assert single.get_json()["replayed"] is False
    assert _post(app, [GOOD], key="k" * 256).status_code == 422


@pytest.fixture
def small(tmp_path: Path, redis_server: RedisServer) -> Any:
    """An application that allows a normal account few unfinished submissions, and few per minute."""
    quotas = tmp_path / "quotas.toml"
    quotas.write_text("[normal]\nper_minute = 12\n")
    built = build_app(tmp_path, redis_server, GAVEL_MAX_UNFINISHED="8", GAVEL_QUOTAS=str(quotas))
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


def test_the_quota_and_the_rate_limit_count_each_item_of_a_batch(small: AppFixture) -> None:
    answer = _post(small, [GOOD] * 10, key="some")
    assert _statuses(answer) == [202] * 8 + [429] * 2
    assert answer.get_json()["results"][9]["error"]["retry_after"] >= 1
    for id in _ids(answer):
        VerdictStore(small.services.engine).record(finished(id))
    again = _post(small, [GOOD] * 10, key="some")
    assert _statuses(again) == [202] * 10
    assert [one["accepted"]["replayed"] for one in again.get_json()["results"]] == [True] * 8 + [False] * 2
    assert _statuses(_post(small, [GOOD])) == [429]  # the twelve submissions of this minute are used up
    assert _statuses(_post(small, [GOOD] * 3, "grace")) == [202] * 3


def test_a_single_submission_of_another_account_overtakes_a_batch(app: AppFixture) -> None:
    _post(app, [GOOD] * 50)
    alone = app.submit("bob").get_json()["id"]
    with app.services.engine.connect() as connection:
        turn = select(outbox.c.turn).where(outbox.c.submission_id == alone).scalar_subquery()
        ada = app.accounts["ada"].account.id
        before = connection.execute(
            select(func.count()).where(outbox.c.account_id == ada, outbox.c.turn < turn)
        ).scalar_one()
    assert before <= 1


def test_a_batch_reports_which_items_were_stored_when_the_database_failed(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, calls = SubmissionStore._accept_in_one_transaction, []

    def fails_second(self: SubmissionStore, *values: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise StoreUnavailable("the database is down")
        return accept(self, *values)

    monkeypatch.setattr(SubmissionStore, "_accept_in_one_transaction", fails_second)
    answer = _post(app, [GOOD] * 45, key="half")
    assert _statuses(answer) == [202] * 20 + [503] * 20 + [202] * 5
    monkeypatch.undo()
    again = _post(app, [GOOD] * 45, key="half")
    assert _statuses(again) == [202] * 45
    assert set(_ids(answer)) <= set(_ids(again))


def test_a_batch_reports_which_items_were_stored_one_by_one_before_the_database_failed(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the database cannot take a value, each item has a transaction of its own."""
    accept, calls = SubmissionStore._accept, []

    def fails_later(self: SubmissionStore, *values: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise UnstorableValue(FieldFault("value", "cannot be stored"))
        if len(calls) == 5:
            raise StoreUnavailable("the database is down")
        return accept(self, *values)

    monkeypatch.setattr(SubmissionStore, "_accept", fails_later)
    answer = _post(app, [GOOD] * 22, key="third")
    assert _statuses(answer) == [202] * 3 + [503] * 17 + [202] * 2
    monkeypatch.undo()
    again = _post(app, [GOOD] * 22, key="third")
    assert _statuses(again) == [202] * 22
    replayed = [one["accepted"]["replayed"] for one in again.get_json()["results"]]
    assert replayed == [True] * 3 + [False] * 17 + [True] * 2
    assert set(_ids(answer)) <= set(_ids(again))


def test_a_batch_reports_which_items_were_stored_before_a_record_could_not_be_read(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, calls = SubmissionStore._accept, []

    def fails_later(self: SubmissionStore, *values: Any) -> Any:
        calls.append(1)
        if len(calls) == 21:
            raise UnreadableRecord("a record cannot be read")
        return accept(self, *values)

    monkeypatch.setattr(SubmissionStore, "_accept", fails_later)
    assert _statuses(_post(app, [GOOD] * 22)) == [202] * 20 + [503] * 2


def test_the_statuses_of_several_submissions_have_the_requested_order(app: AppFixture) -> None:
    mine = _ids(_post(app, [GOOD] * 3))
    others = app.submit("bob").get_json()["id"]
    VerdictStore(app.services.engine).record(finished(mine[1]))
    app.services.status_service.publish_change(mine[1])
    wanted = [mine[2], others, "nothing", mine[1], mine[0]]
    answer = app.client.get("/statuses", query_string={"ids": ",".join(wanted)}, headers=app.headers())
    found = answer.get_json()["statuses"]
    assert [one and one["id"] for one in found] == [mine[2], None, None, mine[1], mine[0]]
    assert [one and one["state"] for one in found] == ["PENDING", None, None, "SUCCESS", "PENDING"]
    assert "Retry-After" in answer.headers
    single = app.client.get(f"/status/{mine[1]}", headers=app.headers()).get_json()
    assert found[3] == single


@pytest.mark.parametrize("ids", [None, "", "x" * 7000, ",".join("abcdefghij" * 11), "\u00e4" * 6000])
def test_a_wrong_list_of_ids_is_refused(app: AppFixture, ids: str | None) -> None:
    answer = app.client.get(
        "/statuses", query_string={"ids": ids} if ids is not None else {}, headers=app.headers()
    )
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "ids")
