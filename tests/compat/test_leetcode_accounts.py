"""LeetCode's favourites, coding sessions and sign-in work."""

from __future__ import annotations

from typing import Any

import pytest

from judge_api.compat.leetcode.ids import question_id
from judge_api.services.password_hashing import hash_password
from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Role, Tier
from tests.support.records import finished
from tests.web.app_fixture import SUM, AccountWithKey, AppFixture

FAVORITES = "/list/api/questions"
NUMBER = question_id("aplusb")
TOKEN = "a-token-of-the-test"
PASSWORD = "correct horse battery staple"


def _favorite(app: AppFixture, name: str = "ada") -> dict[str, Any]:
    body = app.client.get(FAVORITES, headers=app.headers(name)).get_json()
    assert body["user_name"] == name
    (found,) = body["favorites"]["private_favorites"]
    assert found["name"] == "Favorite"
    return dict(found)


def _mark(app: AppFixture, id_hash: str, number: object, name: str = "ada") -> int:
    body = {"favorite_id_hash": id_hash, "question_id": number}
    return app.client.post(FAVORITES, json=body, headers=app.headers(name)).status_code


@pytest.mark.parametrize("number", [NUMBER, str(NUMBER)])
def test_a_problem_can_be_marked_as_a_favourite_and_unmarked(app: AppFixture, number: object) -> None:
    id_hash = _favorite(app)["id_hash"]
    for _ in range(2):
        assert _mark(app, id_hash, number) == 204
        assert _favorite(app)["questions"] == [NUMBER]
    assert _favorite(app, "bob")["questions"] == []
    listed = app.client.get("/api/problems/algorithms/", headers=app.headers()).get_json()
    marks = {pair["stat"]["question_id"]: pair["is_favor"] for pair in listed["stat_status_pairs"]}
    assert marks[NUMBER] is True
    for _ in range(2):
        path = f"{FAVORITES}/{id_hash}/{NUMBER}"
        assert app.client.delete(path, headers=app.headers()).status_code == 204
        assert _favorite(app)["questions"] == []


def test_a_mark_is_refused_for_a_list_of_another_account_and_for_a_missing_problem(app: AppFixture) -> None:
    assert _mark(app, _favorite(app, "bob")["id_hash"], NUMBER) == 404
    assert _mark(app, _favorite(app)["id_hash"], 5) == 404
    assert _mark(app, "", "") == 404


def _session(app: AppFixture, method: str, account: str = "ada", **body: Any) -> Any:
    key = app.accounts[account].key
    client = app.flask.test_client()
    client.set_cookie("LEETCODE_SESSION", key)
    client.set_cookie("csrftoken", TOKEN)
    return client.open("/session/", method=method, json=body, headers={"X-CSRFToken": TOKEN})


def test_the_first_coding_session_counts_the_submissions_of_the_account(app: AppFixture) -> None:
    (before,) = _session(app, "POST", "grace").get_json()["sessions"]
    body = {"lang": "python3", "question_id": "1", "typed_code": SUM}
    sent = app.client.post("/problems/aplusb/submit/", json=body, headers=app.headers("grace")).get_json()
    status = app.services.submissions.by_serial(sent["submission_id"])
    assert status is not None
    VerdictStore(app.services.engine).record(finished(status.id))
    app.services.status_service.publish_change(status.id)
    (found,) = _session(app, "POST", "grace").get_json()["sessions"]
    assert found["is_active"] is True
    assert found["total_acs"] == before["total_acs"] + 1
    assert found["total_submitted"] == before["total_submitted"] + 1
    assert (found["ac_questions"], found["submitted_questions"]) == (1, 1)
    assert _session(app, "PUT", "grace", func="activate", target=1).status_code == 200


@pytest.fixture
def coder(app: AppFixture) -> str:
    """The name of a new account, which has no submissions and sessions of earlier tests."""
    name = f"coder-{len(app.accounts)}"
    account = app.services.accounts.add(name, Tier.NORMAL, Role.USER)
    app.accounts[name] = AccountWithKey(account, app.services.accounts.issue_key(account.id, "test")[1])
    return name


def _solve(app: AppFixture, name: str) -> None:
    body = {"lang": "python3", "question_id": "1", "typed_code": SUM}
    sent = app.client.post("/problems/aplusb/submit/", json=body, headers=app.headers(name)).get_json()
    status = app.services.submissions.by_serial(sent["submission_id"])
    assert status is not None
    VerdictStore(app.services.engine).record(finished(status.id))


def _progress(app: AppFixture, name: str) -> tuple[int, int]:
    """The number of solved problems in the catalog, and the number of submissions in the history."""
    listed = app.client.get("/api/problems/algorithms/", headers=app.headers(name)).get_json()
    history = app.client.get("/api/submissions/aplusb", headers=app.headers(name)).get_json()
    return listed["num_solved"], len(history["submissions_dump"])


def test_each_coding_session_has_its_own_progress(app: AppFixture, coder: str) -> None:
    _solve(app, coder)
    made = _session(app, "PUT", coder, func="create", name=" anew ").get_json()["sessions"]
    assert [(each["id"], each["name"], each["is_active"]) for each in made] == [
        (1, "", True),
        (2, "anew", False),
    ]
    assert _progress(app, coder) == (1, 1)
    active = _session(app, "PUT", coder, func="activate", target=2).get_json()["sessions"]
    assert [each["is_active"] for each in active] == [False, True]
    assert _progress(app, coder) == (0, 0)
    _solve(app, coder)
    _solve(app, coder)
    listed = _session(app, "POST", coder).get_json()["sessions"]
    assert [(each["ac_questions"], each["total_acs"]) for each in listed] == [(1, 1), (1, 2)]


def test_deleting_a_coding_session_keeps_its_submissions(app: AppFixture, coder: str) -> None:
    _solve(app, coder)
    _session(app, "PUT", coder, func="create", name="anew")
    _session(app, "PUT", coder, func="activate", target="2")
    left = _session(app, "DELETE", coder, target=1).get_json()["sessions"]
    assert [each["id"] for each in left] == [2]
    assert len(app.client.get("/submissions", headers=app.headers(coder)).get_json()["submissions"]) == 1
    answer = _session(app, "DELETE", coder, target=2)
    assert (answer.status_code, "activate another" in answer.get_json()["error"]) == (409, True)


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("PUT", {"func": "create", "name": ""}, 422),
        ("PUT", {"func": "create", "name": "n" * 65}, 422),
        ("PUT", {"func": "create"}, 422),
        ("PUT", {"func": "rename", "name": "x"}, 422),
        ("PUT", {"func": "activate", "target": 7}, 404),
        ("PUT", {"func": "activate", "target": "first"}, 422),
        ("DELETE", {"target": -1}, 422),
        ("DELETE", {"target": 10**12}, 422),
        ("DELETE", {}, 422),
    ],
)
def test_a_wrong_change_of_coding_sessions_is_refused_with_the_reason(
    app: AppFixture, method: str, body: dict[str, Any], status: int
) -> None:
    answer = _session(app, method, **body)
    assert (answer.status_code, list(answer.get_json())) == (status, ["error"])


def test_problems_have_consecutive_numbers_that_are_the_same_in_each_list(app: AppFixture) -> None:
    listed = app.client.get("/api/problems/all/", headers=app.headers()).get_json()["stat_status_pairs"]
    numbers = {pair["stat"]["question__title_slug"]: pair["stat"]["frontend_question_id"] for pair in listed}
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
    body = {"query": "query { question }", "variables": {"titleSlug": "aplusb"}}
    question = app.client.post("/graphql", json=body, headers=app.headers()).get_json()["data"]["question"]
    assert question["questionFrontendId"] == str(numbers["aplusb"])
    body = {"query": "query { problemsetQuestionList }", "variables": {}}
    whole = app.client.post("/graphql", json=body, headers=app.headers()).get_json()["data"]
    shown = {
        each["titleSlug"]: each["questionFrontendId"] for each in whole["problemsetQuestionList"]["questions"]
    }
    assert shown == {slug: str(number) for slug, number in numbers.items()}


def test_a_post_to_session_without_leetcode_s_cookie_signs_in_to_gavel(app: AppFixture) -> None:
    key = app.accounts["ada"].key
    answer = app.flask.test_client().post("/session/", json={"key": key})
    assert (answer.status_code, answer.get_json()["account"]["name"]) == (201, "ada")
    client = app.flask.test_client()
    client.set_cookie("LEETCODE_SESSION", key)
    assert client.post("/session/", json={}).status_code == 403  # because the request has no CSRF token


def _log_in(app: AppFixture, **changes: str) -> tuple[Any, Any]:
    client = app.flask.test_client()
    assert client.get("/accounts/login/").status_code == 200
    cookie = client.get_cookie("csrftoken")
    assert cookie is not None
    form = {"csrfmiddlewaretoken": cookie.value, "login": "leet", "password": PASSWORD, **changes}
    return client, client.post("/accounts/login/", data=form)


@pytest.fixture
def leet(app: AppFixture) -> None:
    if app.services.accounts.by_name("leet") is None:
        app.services.accounts.add("leet", Tier.NORMAL, Role.USER, hash_password(PASSWORD))


@pytest.mark.usefixtures("leet")
def test_a_name_and_a_password_start_a_session(app: AppFixture) -> None:
    client, answer = _log_in(app)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    token = client.get_cookie("csrftoken").value
    assert client.get(FAVORITES).get_json()["user_name"] == "leet"
    sent = client.post("/session/", json={}, headers={"X-CSRFToken": token})
    assert sent.status_code == 200


@pytest.mark.usefixtures("leet")
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"password": "wrong horse battery staple"}, 403),
        ({"login": "no-such-account"}, 403),
        ({"login": ""}, 403),
        ({"csrfmiddlewaretoken": "another"}, 422),
    ],
)
def test_a_wrong_sign_in_starts_no_session(app: AppFixture, changes: dict[str, str], status: int) -> None:
    client, answer = _log_in(app, **changes)
    assert answer.status_code == status
    assert client.get_cookie("LEETCODE_SESSION") is None


def test_the_list_of_questions_is_read_page_by_page(app: AppFixture) -> None:
    def listed(**variables: Any) -> dict[str, Any]:
        body = {"query": "query { problemsetQuestionList }", "variables": variables}
        answer = app.client.post("/graphql", json=body, headers=app.headers()).get_json()
        return dict(answer["data"]["problemsetQuestionList"])

    whole = listed(categorySlug="", limit=50, skip=0, filters={})
    slugs = [each["titleSlug"] for each in whole["questions"]]
    assert whole["total"] == whole["totalNum"] == len(slugs) > 0
    for place, slug in enumerate(slugs):
        assert [each["titleSlug"] for each in listed(limit=1, skip=place)["questions"]] == [slug]
    assert listed(skip=len(slugs))["questions"] == []
    assert listed(limit="x", skip=-4)["questions"] == whole["questions"]


def test_the_catalog_has_the_figures_that_clients_need(app: AppFixture) -> None:
    body = app.client.get("/api/problems/algorithms/", headers=app.headers("bob")).get_json()
    assert body["num_total"] == len(body["stat_status_pairs"])
    assert body["num_solved"] == body["ac_easy"] + body["ac_medium"] + body["ac_hard"]
    assert app.client.get("/api/problems/shell/", headers=app.headers()).get_json()["num_total"] == 0
