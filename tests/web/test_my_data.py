"""An account exports its data, and asks for its deletion with a delay."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from judge_api.services.account_administration import AccountAdministration
from judge_api.services.account_export import README
from judge_api.store.accounts import NewAccount
from judge_api.views.my_data import EXPORTS
from judge_core.model.account import Role, Tier
from tests.web.app_fixture import SUM, AppFixture

PASSWORD = "the password so far"


def _join(app: AppFixture, name: str) -> dict[str, str]:
    """The headers of a new account with a password."""
    made = app.client.post("/accounts", json={"name": name, "password": PASSWORD}).get_json()
    return {"Authorization": f"Bearer {app.services.accounts.issue_key(made['id'], 'laptop')[1]}"}


def _zip(app: AppFixture, headers: dict[str, str]) -> zipfile.ZipFile:
    answer = app.client.get("/me/export", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.data))


def _read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def test_an_export_has_the_data_of_the_account_and_of_no_other_account(app: AppFixture) -> None:
    headers = _join(app, "exporter")
    body = {"problem": "aplusb", "language": "python3", "source": SUM}
    submission = app.client.post("/submissions", json=body, headers=headers).get_json()["id"]
    run = {"language": "cpp20", "source": "int main(){}", "stdin": "my own input"}
    run_id = app.client.post("/runs", json=run, headers=headers).get_json()["id"]
    foreign = app.submit("ada").get_json()["id"]
    archive = _zip(app, headers)
    assert set(archive.namelist()) == {
        *(
            "README.txt",
            "account.json",
            "keys.json",
            "sessions.json",
            "identities.json",
            "webhooks.json",
            "drafts.json",
            "notices.json",
            "favorites.json",
            "coding.json",
            "links.json",
            "events.json",
            "audit.json",
        ),
        *("submissions.json", f"sources/{submission}.py", f"sources/{run_id}.cpp"),
    }
    assert all(name in README for name in archive.namelist() if name.endswith("json"))
    assert archive.read(f"sources/{submission}.py").decode() == SUM
    listed = {each["id"]: each for each in _read(archive, "submissions.json")}
    assert set(listed) == {submission, run_id} and foreign not in listed
    assert listed[run_id]["cases"][0][0] == "my own input"
    assert _read(archive, "account.json")["name"] == "exporter"
    assert [key["name"] for key in _read(archive, "keys.json")] == ["laptop"]
    assert "account.sign-up" in [entry["act"] for entry in _read(archive, "audit.json")]


def test_an_export_has_no_secret(app: AppFixture) -> None:
    headers = _join(app, "keeper")
    app.client.post("/me/webhooks", json={"url": "https://1.1.1.1/"}, headers=headers)
    archive = _zip(app, headers)
    content = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for secret in (headers["Authorization"].removeprefix("Bearer "), "whsec_", "$argon2", "password_hash"):
        assert secret not in content


def test_the_number_of_exports_is_limited(app: AppFixture) -> None:
    headers = _join(app, "hoarder")
    answers = [app.client.get("/me/export", headers=headers).status_code for _ in range(EXPORTS.amount + 1)]
    assert answers == [200] * EXPORTS.amount + [429]


def test_an_account_is_deleted_two_weeks_after_its_own_request(app: AppFixture) -> None:
    headers = _join(app, "quitter")
    wrong = app.client.post("/me/deletion", json={"current_password": "a guess"}, headers=headers)
    assert (wrong.status_code, wrong.get_json()["errors"][0]["field"]) == (422, "current_password")
    answer = app.client.post("/me/deletion", json={"current_password": PASSWORD}, headers=headers)
    due = datetime.fromisoformat(answer.get_json()["deletion_due"])
    assert timedelta(days=13) < due - datetime.now(UTC) < timedelta(days=15)
    assert app.client.get("/me", headers=headers).get_json()["deletion_due"] is not None
    assert app.services.account_administration.delete_due() == 0
    later = AccountAdministration(app.services.engine, "", lambda: due + timedelta(seconds=1))
    assert later.delete_due() == 1
    app.services.auth_cache.clear()
    assert app.client.get("/me", headers=headers).status_code == 401
    last = app.services.audit.page(limit=1)[0]
    assert last.act == "account.delete" and str(last.account).startswith("deleted-")


def test_a_deletion_request_can_be_withdrawn(app: AppFixture) -> None:
    headers = _join(app, "waverer")
    app.client.post("/me/deletion", json={"current_password": PASSWORD}, headers=headers)
    assert app.client.delete("/me/deletion", headers=headers).status_code == 204
    assert app.client.get("/me", headers=headers).get_json()["deletion_due"] is None
    later = AccountAdministration(app.services.engine, "", lambda: datetime.now(UTC) + timedelta(days=99))
    assert later.delete_due() == 0
    assert app.client.get("/me", headers=headers).status_code == 200


def test_the_last_administrator_cannot_request_the_deletion_of_the_account(app: AppFixture) -> None:
    assert app.client.post("/me/deletion", json={}, headers=app.headers("admin")).status_code == 409


@pytest.mark.parametrize("others_go", [False, True])
def test_an_account_that_became_the_last_administrator_is_not_deleted(
    own_app: AppFixture, others_go: bool
) -> None:
    administration = own_app.services.account_administration
    leaver = administration.add("test", NewAccount("second", Tier.NORMAL, Role.ADMIN))
    administration.request_deletion(leaver, timedelta(0))
    if others_go:
        own_app.services.accounts.set_role(own_app.accounts["admin"].account.id, Role.USER)
    assert administration.delete_due() == (0 if others_go else 1)
    assert (own_app.services.accounts.get(leaver.id) is not None) is others_go


def test_an_export_has_no_act_on_a_problem_or_event_with_the_name_of_the_account(app: AppFixture) -> None:
    headers = _join(app, "final-2026")
    audit = app.services.audit
    audit.record("author", "event.rejudging", "final-2026", reason="the model solution was wrong")
    audit.record("author", "problem.state", "final-2026", state="published")
    audit.record("admin", "account.change", "final-2026", tier="premium")
    acts = [entry["act"] for entry in _read(_zip(app, headers), "audit.json")]
    assert acts == ["account.sign-up", "account.change"]
