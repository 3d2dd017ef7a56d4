"""A scoring problem shows over HTTP its score with the groups, and whether it counts as solved."""

from __future__ import annotations

from dataclasses import replace

from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import GroupScore, Outcome, Scoring, Verdict
from tests.support.records import finished, outcome
from tests.web.app_fixture import AppFixture

GROUPS = (GroupScore("secret/1", 30.0, 30.0), GroupScore("secret/2", 0.0, 70.0))


def partly() -> Outcome:
    return replace(outcome(), score=30.0).with_scoring(Scoring(100.0, GROUPS))


def test_a_score_is_shown_with_the_greatest_score_and_the_groups(app: AppFixture) -> None:
    id = app.submit("ada").get_json()["id"]
    assert VerdictStore(app.services.engine).record(finished(id, outcome=partly())) is not None
    shown = app.client.get(f"/submissions/{id}", headers=app.headers("ada")).get_json()
    assert (shown["score"], shown["max_score"]) == (30.0, 100.0)
    assert shown["groups"] == [
        {"name": "secret/1", "score": 30.0, "max_score": 30.0},
        {"name": "secret/2", "score": 0.0, "max_score": 70.0},
    ]
    assert shown["sandbox"] == {"mode": "full"}
    assert shown["percentile"] is None, "partial marks are not compared"


def test_an_odd_scoring_in_the_report_of_a_worker_is_ignored() -> None:
    odd = replace(outcome(), sandbox={"mode": "full", "scoring": {"max_score": "all", "groups": 7}})
    assert odd.scoring is None
    assert odd.has_full_marks
    assert odd.isolation == {"mode": "full"}


def test_an_accepted_submission_has_full_marks_if_its_score_rounds_to_the_greatest_score() -> None:
    nearly = replace(outcome(), score=99.9999999).with_scoring(Scoring(100.0))
    assert nearly.has_full_marks
    assert not partly().has_full_marks
    assert not replace(nearly, verdict=Verdict.WA).has_full_marks


def test_the_list_of_problems_has_the_best_score(own_app: AppFixture) -> None:
    app = own_app
    id = app.submit("ada").get_json()["id"]
    assert VerdictStore(app.services.engine).record(finished(id, outcome=partly())) is not None
    row = app.services.problems.get("aplusb")
    assert row is not None
    owner = app.accounts["author"].account
    app.services.problems.put(replace(row, version="b" * 64, spec={**row.spec, "max_score": 100.0}), owner)
    line = app.client.get("/problems", headers=app.headers("ada")).get_json()["problems"][0]
    assert (line["mark"], line["best_score"], line["max_score"]) == ("tried", 30.0, 100.0)
    assert (line["submitted"], line["accepted"]) == (1, 0)

    def listed(full_marks: str) -> list[str]:
        path = f"/submissions?full_marks={full_marks}"
        return [
            each["id"] for each in app.client.get(path, headers=app.headers("ada")).get_json()["submissions"]
        ]

    assert (listed("false"), listed("true")) == ([id], [])
