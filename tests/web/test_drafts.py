"""An account's drafts are saved, bounded, and readable on its other devices, but not by other accounts."""

from __future__ import annotations

from typing import Any

import pytest

from judge_api.store.drafts import MOST_DRAFTS
from tests.web.app_fixture import AppFixture


def save(app: AppFixture, path: str, source: str, name: str = "ada") -> Any:
    return app.client.put(f"/me/drafts/{path}", json={"source": source}, headers=app.headers(name))


def sources(app: AppFixture, name: str = "ada", problem: str = "aplusb") -> dict[str, str]:
    answer = app.client.get(f"/me/drafts/{problem}", headers=app.headers(name)).get_json()
    return {draft["language"]: draft["source"] for draft in answer["drafts"]}


def test_a_draft_is_read_by_its_account_and_by_no_other_account(app: AppFixture) -> None:
    assert save(app, "aplusb/python3", "half a thought").status_code == 200
    assert save(app, "aplusb/cpp20", "// mine").status_code == 200
    assert save(app, "aplusb/python3", "a whole one").get_json()["source"] == "a whole one"
    assert sources(app) == {"cpp20": "// mine", "python3": "a whole one"}
    assert sources(app, "bob") == {}
    gone = app.client.delete("/me/drafts/aplusb/cpp20", headers=app.headers())
    assert gone.status_code == 204
    assert sources(app) == {"python3": "a whole one"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("aplusb/klingon", {"source": ""}, 404),
        (f"{'x' * 256}/python3", {"source": ""}, 404),
        ("aplusb/python3", {"text": ""}, 422),
        ("aplusb/python3", {"source": "x" * 5_000_000}, 413),
    ],
)
def test_an_invalid_draft_is_refused(app: AppFixture, path: str, body: object, status: int) -> None:
    answer = app.client.put(f"/me/drafts/{path}", json=body, headers=app.headers())
    assert answer.status_code == status


def test_the_oldest_draft_is_deleted_when_an_account_has_too_many(app: AppFixture) -> None:
    store, id = app.services.drafts, app.accounts["grace"].account.id
    for number in range(MOST_DRAFTS + 1):
        store.save(id, f"problem-{number}", "python3", "x")
    assert len(store.of(id)) == MOST_DRAFTS
    assert store.of(id, "problem-0") == []
