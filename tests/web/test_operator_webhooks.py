"""Administrators manage the operators' webhooks by the API. Messages of webhooks can be sent again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.app_fixture import AppFixture

URL = "https://example.org/operators"


def _call(app: AppFixture, method: str, path: str, body: Any = None, who: str = "admin") -> Any:
    asked = {"json": body} if body is not None else {}
    return app.client.open(path, method=method, headers=app.headers(who), **asked)


@pytest.fixture
def hook(app: AppFixture) -> Any:
    answer = _call(app, "POST", "/admin/webhooks", {"url": URL})
    assert answer.status_code == 201, answer.text
    yield answer.get_json()
    _call(app, "DELETE", f"/admin/webhooks/{answer.get_json()['id']}")


def test_the_secret_of_an_operators_webhook_is_not_listed(app: AppFixture, hook: Any) -> None:
    assert hook["secret"].startswith("whsec_")
    listed = _call(app, "GET", "/admin/webhooks").get_json()["webhooks"]
    assert [set(one) for one in listed] == [{"id", "url", "created_at"}]
    assert _call(app, "DELETE", f"/admin/webhooks/{hook['id']}").status_code == 204
    assert _call(app, "DELETE", f"/admin/webhooks/{hook['id']}").status_code == 404


def test_an_internal_address_of_a_webhook_is_refused(app: AppFixture) -> None:
    answer = _call(app, "POST", "/admin/webhooks", {"url": "http://10.0.0.1/"})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "url")


def test_a_test_message_is_queued_and_can_be_resent(app: AppFixture, hook: Any) -> None:
    path = f"/admin/webhooks/{hook['id']}"
    assert _call(app, "POST", f"{path}/test").status_code == 204
    (message,) = _call(app, "GET", f"{path}/deliveries").get_json()["deliveries"]
    assert (message["type"], message["state"], message["tries"]) == ("webhook.test", "pending", 0)
    assert _call(app, "POST", f"{path}/deliveries/{message['id']}/resend").status_code == 204
    for wrong in ("op_999999", "x", "op_" + "9" * 40):
        assert _call(app, "POST", f"{path}/deliveries/{wrong}/resend").status_code == 404
    for missing in ("test", "deliveries/op_1/resend"):
        assert _call(app, "POST", f"/admin/webhooks/nothing/{missing}").status_code == 404


def test_only_the_owner_of_a_webhook_can_resend_a_message(app: AppFixture) -> None:
    made = _call(app, "POST", "/me/webhooks", {"url": "https://example.org/own"}, "grace").get_json()
    id = app.submit("grace").get_json()["id"]
    _call(app, "DELETE", f"/submissions/{id}", who="grace")
    path = f"/me/webhooks/{made['id']}/deliveries"
    (row,) = _call(app, "GET", path, who="grace").get_json()["deliveries"]
    assert _call(app, "POST", f"{path}/{row['id']}/resend", who="grace").status_code == 204
    assert _call(app, "POST", f"{path}/{row['id']}/resend", who="bob").status_code == 404
    assert _call(app, "POST", f"{path}/dlv_999999/resend", who="grace").status_code == 404
