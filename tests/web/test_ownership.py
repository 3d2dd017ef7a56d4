"""Routes for problems, changes of events, keys, sessions and notices refuse other accounts.

Most routes are found by the beginning of their address. So a new route below one of these addresses is tested
as soon as it exists. What each role may do is tested in test_authorisation.py, and the acts of owners in
test_problem_owners.py.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from judge_api.store.identities import NewIdentity
from judge_core.clock import utc_now
from judge_core.model.account import Role, Tier
from tests.web.app_fixture import AccountWithKey, AppFixture
from tests.web.event_fixture import make_event
from tests.web.test_problem_life import pack


def routes(app: AppFixture, prefix: str) -> Iterator[tuple[str, str]]:
    for rule in app.flask.url_map.iter_rules():
        if rule.rule.startswith(prefix):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule


@pytest.fixture(scope="module")
def owned(app: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> AppFixture:
    """A problem and an event of ``author``. The account ``stranger`` is an author too, but has no part in
    either."""
    account = app.services.accounts.add("stranger", Tier.NORMAL, Role.AUTHOR)
    app.accounts["stranger"] = AccountWithKey(account, app.services.accounts.issue_key(account.id, "k")[1])
    package = pack(tmp_path_factory.mktemp("package"), "somebodys")
    form = {"package": (io.BytesIO(package), "somebodys.zip"), "state": "draft"}
    assert app.client.post("/admin/problems", data=form, headers=app.headers("author")).status_code == 201
    make_event(app, "somebodys", visibility="members").add("ada")
    return app


def opened(app: AppFixture, method: str, rule: str, who: str) -> Any:
    row = app.services.problems.get("somebodys")
    assert row is not None
    known = {"<slug>": "somebodys", "<version>": row.version, "<path:path>": "problem.yaml", "<name>": "ada"}
    path = rule
    for name, value in known.items():
        path = path.replace(name, value)
    body: Any = {} if method in ("POST", "PUT", "PATCH") else None
    path = re.sub(r"<[^>]+>", "none", path)
    return app.client.open(path, method=method, json=body, headers=app.headers(who))


def test_the_routes_of_a_problem_are_refused_to_another_author(owned: AppFixture, tmp_path: Path) -> None:
    tried = [
        (method, rule, opened(owned, method, rule, "stranger"))
        for method, rule in routes(owned, "/admin/problems/<slug>")
    ]
    assert len(tried) > 20
    served = [(method, rule) for method, rule, answer in tried if answer.status_code not in (403, 404, 422)]
    assert served == []
    assert opened(owned, "GET", "/admin/problems/<slug>", "author").status_code == 200


def test_a_refusal_of_a_problem_does_not_show_its_title_or_author(owned: AppFixture) -> None:
    for method, rule in routes(owned, "/admin/problems/<slug>"):
        answer = opened(owned, method, rule, "stranger")
        detail = str(answer.get_json(silent=True))
        assert "Sum" not in detail and "author" not in detail.replace("authors", ""), (method, rule, detail)


def test_a_route_for_administrators_gives_the_same_refusal_for_an_unknown_problem(owned: AppFixture) -> None:
    for method, rule in routes(owned, "/admin/problems/<slug>"):
        if opened(owned, method, rule, "stranger").status_code == 403:
            path = re.sub(r"<[^>]+>", "none", rule)
            answer = owned.client.open(path, method=method, json={}, headers=owned.headers("stranger"))
            assert answer.status_code == 403, (method, rule)


def test_another_author_cannot_change_an_event_by_any_route(owned: AppFixture) -> None:
    event = owned.services.events.get("somebodys")
    assert event is not None
    for method, rule in routes(owned, "/events/<"):
        if method == "GET":
            continue
        answer = opened(owned, method, rule.replace("/events/<id>", "/events/<slug>"), "stranger")
        assert answer.status_code in (401, 403, 404, 405, 409, 415, 422), (method, rule, answer.status_code)
    assert owned.services.events.get("somebodys") == event


def _key(app: AppFixture, account: str) -> dict[str, str]:
    return {"<id>": app.services.accounts.issue_key(account, "another")[0]}


def _session(app: AppFixture, account: str) -> dict[str, str]:
    app.services.sessions.start(account, utc_now() + timedelta(hours=1))
    return {"<id>": app.services.sessions.list(account)[0].id}


def _webhook(app: AppFixture, account: str) -> dict[str, str]:
    hook, _ = app.services.webhooks.add(account, "https://example.org/")
    submission = app.submit("ada").get_json()["id"]
    assert app.client.delete(f"/submissions/{submission}", headers=app.headers("ada")).status_code == 200
    (message,) = app.services.deliveries.recent(hook.id)
    return {"<id>": hook.id, "<delivery>": f"dlv_{message.id}"}


def _identity(app: AppFixture, account: str) -> dict[str, str]:
    for subject in ("ada", "countess"):  # An account may not unlink its only way to sign in.
        app.services.identities.link(account, NewIdentity("issuer", subject, "school"))
    return {"<id>": app.services.identities.of(account)[0].id}


MINE: dict[str, Callable[[AppFixture, str], dict[str, str]]] = {
    "/me/keys/<": _key,
    "/me/sessions/<": _session,
    "/me/webhooks/<": _webhook,
    "/me/identities/<": _identity,
}
"""The beginnings of the addresses of an account's own rows. Each function adds a row, and returns its ids."""


@pytest.mark.parametrize("prefix", MINE)
def test_an_account_cannot_reach_what_another_account_owns(app: AppFixture, prefix: str) -> None:
    ids = MINE[prefix](app, app.accounts["ada"].account.id)
    found = sorted(routes(app, prefix), key=lambda each: each[0] == "DELETE")
    assert found
    for who, wanted in (("bob", {404}), ("ada", {200, 204})):
        for method, rule in found:
            path = re.sub(r"<[^>]+>", lambda name: ids[name[0]], rule)
            answer = app.client.open(path, method=method, headers=app.headers(who), json={})
            assert answer.status_code in wanted, (who, method, rule, answer.status_code)


def test_an_account_marks_only_its_own_notices_as_read(app: AppFixture) -> None:
    store = app.services.notices
    ada, bob = (app.accounts[name].account for name in ("ada", "bob"))
    store.add_extension([ada.id, bob.id], "owned", "Owned", 3)
    app.client.post("/me/notices/read", json={"up_to": 2**62}, headers=app.headers("bob"))
    assert store.count_unread(ada.id) >= 1
    assert store.count_unread(bob.id) == 0
