"""An account manages its own webhooks by the API."""

from __future__ import annotations

import pytest

from tests.web.app_fixture import AppFixture


def _add(app: AppFixture, url: str = "https://example.org/verdicts", who: str = "ada") -> dict[str, str]:
    answer = app.client.post("/me/webhooks", json={"url": url}, headers=app.headers(who))
    assert answer.status_code == 201, answer.text
    body: dict[str, str] = answer.get_json()
    return body


def test_the_secret_of_a_webhook_is_not_listed(app: AppFixture) -> None:
    made = _add(app)
    listed = app.client.get("/me/webhooks", headers=app.headers()).get_json()["webhooks"]
    assert made["secret"].startswith("whsec_")
    assert {"id": made["id"], "url": made["url"], "created_at": made["created_at"]} in listed


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://169.254.169.254/", "public address"),
        ("http://localhost:6379/", "public address"),
        ("ftp://example.org/", "https://"),
        ("https://ada:pw@example.org/", "name or password"),
    ],
)
def test_a_url_that_may_not_be_called_is_refused_with_the_reason(
    app: AppFixture, url: str, words: str
) -> None:
    answer = app.client.post("/me/webhooks", json={"url": url}, headers=app.headers())
    assert answer.status_code == 422
    assert words in answer.get_json()["errors"][0]["message"]


def test_a_webhook_of_another_account_is_not_found(app: AppFixture) -> None:
    made = _add(app)
    path = f"/me/webhooks/{made['id']}"
    assert app.client.get(f"{path}/deliveries", headers=app.headers("bob")).status_code == 404
    assert app.client.delete(path, headers=app.headers("bob")).status_code == 404


def test_an_account_lists_the_deliveries_of_a_webhook_and_removes_the_webhook(app: AppFixture) -> None:
    made = _add(app, who="grace")
    id = app.submit("grace").get_json()["id"]
    assert app.client.delete(f"/submissions/{id}", headers=app.headers("grace")).status_code == 200
    path = f"/me/webhooks/{made['id']}"
    (row,) = app.client.get(f"{path}/deliveries", headers=app.headers("grace")).get_json()["deliveries"]
    assert (row["submission"], row["state"], row["tries"]) == (id, "pending", 0)
    assert app.client.delete(path, headers=app.headers("grace")).status_code == 204
    assert app.client.get("/me/webhooks", headers=app.headers("grace")).get_json() == {"webhooks": []}


def test_an_account_has_at_most_ten_webhooks(app: AppFixture) -> None:
    for number in range(10):
        _add(app, f"https://example.org/{number}", "author")
    answer = app.client.post(
        "/me/webhooks", json={"url": "https://example.org/11"}, headers=app.headers("author")
    )
    assert (answer.status_code, "delete one first" in answer.text) == (409, True)


def test_the_callback_url_of_judge0_is_stored_and_must_be_public(app: AppFixture) -> None:
    run = {"source_code": "print(1)", "language_id": 71, "callback_url": "https://example.org/done"}
    token = app.client.post("/judge0/submissions", json=run, headers=app.headers()).get_json()["token"]
    shown = app.client.get(f"/judge0/submissions/{token}?fields=callback_url", headers=app.headers())
    assert shown.get_json() == {"callback_url": "https://example.org/done"}
    inside = {**run, "callback_url": "http://10.0.0.1/"}
    refused = app.client.post("/judge0/submissions", json=inside, headers=app.headers())
    assert (refused.status_code, refused.get_json()) == (422, {"callback_url": ["must be a public address"]})
