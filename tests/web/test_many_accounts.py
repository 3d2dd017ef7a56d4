"""Many accounts can be imported from a file, put into groups, changed and deleted at once."""

from __future__ import annotations

import io
from typing import Any

import pytest

from judge_api.services.account_administration import AccountChanges
from judge_core.model.account import Account
from judge_core.model.errors import StoreUnavailable
from tests.web.app_fixture import AppFixture


def _upload(app: AppFixture, text: str, dry_run: bool = False) -> Any:
    return app.client.post(
        "/admin/accounts/import" + ("?dry_run=true" if dry_run else ""),
        data={"file": (io.BytesIO(text.encode()), "accounts.csv")},
        headers=app.headers("admin"),
    )


def _ask(app: AppFixture, method: str, path: str, body: Any = None) -> Any:
    return app.client.open(path, method=method, json=body, headers=app.headers("admin"))


def _class(app: AppFixture, name: str, count: int = 3) -> list[dict[str, Any]]:
    """Add a group of new accounts. Returns them as the API lists them."""
    lines = "".join(f"{name}-{number},Pupil {number},{name}\n" for number in range(count))
    made = _upload(app, "name,full name,group\n" + lines).get_json()
    assert made["made"], made
    listed: list[dict[str, Any]] = _ask(app, "GET", f"/admin/accounts?group={name}").get_json()["accounts"]
    assert len(listed) == count
    return listed


def test_a_dry_run_lists_the_faults_of_a_file_and_makes_no_account(app: AppFixture) -> None:
    text = "name,tier\nfresh-1,normal\nada,premium\nx,gold\n"
    answer = _upload(app, text, dry_run=True).get_json()
    assert [(fault["line"], fault["column"]) for fault in answer["faults"]] == [
        (3, "name"),
        (4, "name"),
        (4, "tier"),
    ]
    assert not answer["made"]
    assert not _upload(app, text).get_json()["made"], "a file with faults is not imported in part"
    assert app.services.accounts.by_name("fresh-1") is None
    assert not _upload(app, "name\nfresh-1\n", dry_run=True).get_json()["made"]
    assert app.services.accounts.by_name("fresh-1") is None


def test_an_imported_account_signs_in_with_its_password(app: AppFixture) -> None:
    text = "name,full name,e-mail,tier,role,group\ngeorg,Georg C,g@example.org,premium,author,10a|choir\n"
    answer = _upload(app, text)
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.get_json()["accounts"][0]
    signed_in = app.client.post("/session", json={"name": "georg", "password": made["password"]})
    assert signed_in.status_code == 201
    assert signed_in.get_json()["account"]["tier"] == "premium"
    shown = _ask(app, "GET", "/admin/accounts?search=georg").get_json()["accounts"][0]
    assert (shown["full_name"], shown["email"], shown["email_verified"]) == (
        "Georg C",
        "g@example.org",
        False,
    )
    assert shown["groups"] == ["10a", "choir"]
    last = app.services.audit.page(limit=1)[0]
    assert (last.account, last.act, last.subject) == ("admin", "account.add", "georg")
    assert made["password"] not in str(last)


def test_the_accounts_of_a_group_are_changed_by_a_single_request(app: AppFixture) -> None:
    pupils = _class(app, "class-b")
    groups = _ask(app, "GET", "/admin/groups").get_json()["groups"]
    assert {"name": "class-b", "members": 3} in groups
    done = _ask(
        app, "POST", "/admin/accounts/bulk", {"group": "class-b", "tier": "premium", "disabled": True}
    )
    assert done.get_json() == {"changed": 3, "refused": []}
    listed = _ask(app, "GET", "/admin/accounts?group=class-b").get_json()["accounts"]
    assert {(one["tier"], one["disabled"]) for one in listed} == {("premium", True)}
    done = _ask(app, "POST", "/admin/accounts/bulk", {"accounts": [pupils[0]["id"]], "delete": True})
    assert done.get_json()["changed"] == 1
    assert app.services.accounts.by_name("class-b-0") is None
    assert "2 accounts stay" in _ask(app, "DELETE", "/admin/groups/class-b").get_json()["done"]
    assert _ask(app, "DELETE", "/admin/groups/class-b").status_code == 404
    assert app.services.accounts.by_name("class-b-1") is not None


def test_accounts_join_and_leave_a_group(app: AppFixture) -> None:
    ids = [pupil["id"] for pupil in _class(app, "class-c", 2)]
    for _ in range(2):
        done = _ask(app, "POST", "/admin/accounts/bulk", {"accounts": ids, "add_group": "choir 2"})
        assert done.get_json()["changed"] == 2
    assert len(_ask(app, "GET", "/admin/accounts?group=choir 2").get_json()["accounts"]) == 2
    _ask(app, "POST", "/admin/accounts/bulk", {"accounts": ids[:1], "remove_group": "choir 2"})
    assert len(_ask(app, "GET", "/admin/accounts?group=choir 2").get_json()["accounts"]) == 1


def test_a_bulk_deletion_leaves_out_the_account_of_the_administrator(app: AppFixture) -> None:
    admin, other = app.accounts["admin"].account.id, _class(app, "class-d", 1)[0]["id"]
    done = _ask(app, "POST", "/admin/accounts/bulk", {"accounts": [admin, other], "delete": True}).get_json()
    assert done["changed"] == 1
    assert [one["name"] for one in done["refused"]] == ["admin"]
    assert _ask(app, "DELETE", f"/admin/accounts/{admin}").status_code == 409


def test_a_bulk_change_that_contradicts_itself_is_refused(app: AppFixture) -> None:
    id = app.accounts["bob"].account.id
    for body in (
        {},
        {"accounts": [id]},
        {"tier": "premium"},
        {"accounts": [id], "group": "a", "tier": "premium"},
        {"accounts": [id], "delete": True, "tier": "premium"},
        {"accounts": [id], "add_group": "a/b"},
    ):
        assert _ask(app, "POST", "/admin/accounts/bulk", body).status_code == 422, body
    assert _ask(app, "POST", "/admin/accounts/bulk", {"accounts": ["x"], "tier": "normal"}).status_code == 404
    assert _ask(app, "POST", "/admin/accounts/bulk", {"group": "none", "tier": "normal"}).status_code == 404


def test_an_account_that_was_deleted_meanwhile_does_not_stop_a_bulk_change(app: AppFixture) -> None:
    gone, kept = (pupil["id"] for pupil in _class(app, "class-e", 2))
    assert _ask(app, "DELETE", f"/admin/accounts/{gone}").status_code == 204
    done = _ask(app, "POST", "/admin/accounts/bulk", {"accounts": [gone, kept], "tier": "premium"})
    assert done.status_code == 200
    assert done.get_json()["changed"] == 1
    assert [one["name"] for one in done.get_json()["refused"]] == [gone]
    changed = app.services.accounts.get(kept)
    assert changed is not None
    assert changed.tier == "premium"


def test_a_disabled_account_is_refused_even_if_the_bulk_change_fails_later(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (pupil["id"] for pupil in _class(app, "class-f", 2))
    key = app.services.accounts.issue_key(first, "laptop")[1]
    bearer = {"Authorization": f"Bearer {key}"}
    assert app.client.get("/me", headers=bearer).status_code == 200
    change = app.services.account_administration.change

    def fail_at_the_second(actor: str, account: Account, changes: AccountChanges) -> Account:
        if account.id == second:
            raise StoreUnavailable("the database does not answer")
        return change(actor, account, changes)

    monkeypatch.setattr(app.services.account_administration, "change", fail_at_the_second)
    body = {"accounts": [first, second], "disabled": True}
    assert _ask(app, "POST", "/admin/accounts/bulk", body).status_code == 503
    assert app.client.get("/me", headers=bearer).status_code == 401


def test_submissions_of_a_deleted_account_stay_without_the_name(app: AppFixture) -> None:
    account = app.services.accounts.add("leaver", *_normal_user(app))
    key = app.services.accounts.issue_key(account.id, "laptop")[1]
    bearer = {"Authorization": f"Bearer {key}"}
    body = {"problem": "aplusb", "language": "python3", "source": "print(1)"}
    id = app.client.post("/submissions", json=body, headers=bearer).get_json()["id"]
    assert _ask(app, "DELETE", f"/admin/accounts/{account.id}").status_code == 204
    assert app.client.get("/me", headers=bearer).status_code == 401
    rows = _ask(app, "GET", "/admin/submissions").get_json()["submissions"]
    assert next(row for row in rows if row["id"] == id)["account"].startswith("deleted-")
    assert _ask(app, "DELETE", f"/admin/accounts/{account.id}").status_code == 404
    last = app.services.audit.page(limit=1)[0]
    assert (last.account, last.act) == ("admin", "account.delete")
    assert "leaver" not in str(last)


def _normal_user(app: AppFixture) -> tuple[Any, Any]:
    bob = app.accounts["bob"].account
    return bob.tier, bob.role
