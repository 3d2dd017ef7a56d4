"""An account's own webhooks by the API."""

from __future__ import annotations

import pytest

from tests.web.app_fixture import House


def _add(house: House, url: str = "https://example.org/verdicts", who: str = "ada") -> dict[str, str]:
    answer = house.client.post("/me/webhooks", json={"url": url}, headers=house.headers(who))
    assert answer.status_code == 201, answer.text
    body: dict[str, str] = answer.get_json()
    return body


def test_the_secret_is_told_once(house: House) -> None:
    made = _add(house)
    listed = house.client.get("/me/webhooks", headers=house.headers()).get_json()["webhooks"]
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
def test_a_url_that_may_not_be_called_is_refused_with_the_reason(house: House, url: str, words: str) -> None:
    answer = house.client.post("/me/webhooks", json={"url": url}, headers=house.headers())
    assert answer.status_code == 422
    assert words in answer.get_json()["errors"][0]["message"]


def test_another_accounts_webhook_is_not_there(house: House) -> None:
    made = _add(house)
    path = f"/me/webhooks/{made['id']}"
    assert house.client.get(f"{path}/deliveries", headers=house.headers("bob")).status_code == 404
    assert house.client.delete(path, headers=house.headers("bob")).status_code == 404


def test_its_deliveries_are_listed_and_it_can_be_ended(house: House) -> None:
    made = _add(house, who="grace")
    id = house.submit("grace").get_json()["id"]
    assert house.client.delete(f"/submissions/{id}", headers=house.headers("grace")).status_code == 200
    path = f"/me/webhooks/{made['id']}"
    (row,) = house.client.get(f"{path}/deliveries", headers=house.headers("grace")).get_json()["deliveries"]
    assert (row["submission"], row["state"], row["tries"]) == (id, "pending", 0)
    assert house.client.delete(path, headers=house.headers("grace")).status_code == 204
    assert house.client.get("/me/webhooks", headers=house.headers("grace")).get_json() == {"webhooks": []}


def test_an_account_has_ten_at_most(house: House) -> None:
    for number in range(10):
        _add(house, f"https://example.org/{number}", "author")
    answer = house.client.post(
        "/me/webhooks", json={"url": "https://example.org/11"}, headers=house.headers("author")
    )
    assert (answer.status_code, "delete one first" in answer.text) == (409, True)


def test_judge0s_callback_url_is_taken_shown_and_held_to_the_same_rules(house: House) -> None:
    run = {"source_code": "print(1)", "language_id": 71, "callback_url": "https://example.org/done"}
    token = house.client.post("/judge0/submissions", json=run, headers=house.headers()).get_json()["token"]
    shown = house.client.get(f"/judge0/submissions/{token}?fields=callback_url", headers=house.headers())
    assert shown.get_json() == {"callback_url": "https://example.org/done"}
    inside = {**run, "callback_url": "http://10.0.0.1/"}
    refused = house.client.post("/judge0/submissions", json=inside, headers=house.headers())
    assert (refused.status_code, refused.get_json()) == (422, {"callback_url": ["must be a public address"]})
