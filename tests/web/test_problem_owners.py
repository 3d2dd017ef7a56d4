"""A problem belongs to its owner, its co-authors and the administrators. Other authors cannot read its jury's
files or change it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from judge_api.store.engine import write_transaction
from judge_api.store.migrate import migrate, roll_back
from judge_api.store.problems import problem_row
from judge_api.store.tables import audit
from judge_core.clock import utc_now
from judge_core.model.account import Role, Tier
from tests.web.app_fixture import PROBLEMS, AccountWithKey, AppFixture
from tests.web.packing import zip_folder

WHO = ("anonymous", "ada", "other author", "co-author", "author", "admin")
MANAGERS, OWN, ALL = {"author", "admin"}, {"co-author", "author", "admin"}, set(WHO)
EMBARGO = {"open": "", "kept": "embargo_until: 2999-01-31\n"}
STATES = {"open": "published", "kept": "published", "draft": "draft"}
MATRIX: dict[tuple[str, str], set[str]] = {
    ("see", "open"): ALL,
    ("see", "kept"): OWN,
    ("list", "open"): ALL,
    ("list", "kept"): OWN,
    ("read a file of", "open"): ALL,
    ("read a file of", "kept"): OWN,
    ("submit to", "open"): ALL - {"anonymous"},
    ("submit to", "kept"): OWN,
    ("verify", "open"): OWN,
    ("verify", "kept"): OWN,
    ("read the faults of", "open"): OWN,
    ("read the faults of", "kept"): OWN,
    ("find among the editable", "open"): OWN,
    ("find among the editable", "kept"): OWN,
    ("give away", "open"): {"admin"},
    ("give away", "kept"): {"admin"},
    ("replace", "open"): OWN,
    ("replace", "kept"): OWN,
    ("see", "draft"): OWN,
    ("list", "draft"): OWN,
    ("read a file of", "draft"): OWN,
    ("submit to", "draft"): OWN,
    ("verify", "draft"): OWN,
    ("see the versions of", "open"): OWN,
    ("see the versions of", "draft"): OWN,
    ("follow the verification of", "draft"): OWN,
    ("see a version of", "draft"): OWN,
    ("download", "open"): OWN,
    ("download", "draft"): OWN,
    ("go back with", "open"): OWN,
    ("go back with", "draft"): OWN,
    ("publish", "open"): OWN,
    ("list the files of", "open"): OWN,
    ("read a jury's file of", "open"): OWN,
    ("read a jury's file of", "draft"): OWN,
    ("preview a change of", "draft"): OWN,
    ("save a change of", "draft"): OWN,
    ("hide", "draft"): OWN,
    ("rejudge", "open"): OWN,
    ("see whom a rejudging touches of", "open"): OWN,
    ("read verdicts of", "open"): OWN,
    ("choose co-authors of", "open"): MANAGERS,
    ("choose co-authors of", "draft"): MANAGERS,
    ("delete", "open"): MANAGERS,
    ("delete", "draft"): MANAGERS,
}


def _pack(tmp_path: Path, slug: str, yaml: str) -> bytes:
    folder = tmp_path / slug
    shutil.copytree(PROBLEMS / "aplusb", folder, dirs_exist_ok=True)
    (folder / "attachments").mkdir(exist_ok=True)
    (folder / "attachments" / "tool.txt").write_text("x")
    with (folder / "problem.yaml").open("a") as file:
        file.write(yaml)
    return zip_folder(folder)


def _add(app: AppFixture, headers: Mapping[str, str], slug: str, content: bytes) -> Any:
    state = STATES.get(slug, "published")
    package = {"package": (io.BytesIO(content), f"{slug}.zip"), "state": state}
    return app.client.post("/admin/problems", data=package, headers=headers)


def _other_author(app: AppFixture, name: str = "other author") -> AccountWithKey:
    if name not in app.accounts:
        account = app.services.accounts.add(name, Tier.NORMAL, Role.AUTHOR)
        app.accounts[name] = AccountWithKey(account, app.services.accounts.issue_key(account.id, "k")[1])
    return app.accounts[name]


@pytest.fixture(scope="module")
def owned(app: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> AppFixture:
    _other_author(app)
    co_author = _other_author(app, "co-author").account
    for slug in STATES:
        content = _pack(tmp_path_factory.mktemp("package"), slug, EMBARGO.get(slug, ""))
        assert _add(app, app.headers("author"), slug, content).status_code == 201
        path = f"/admin/problems/{slug}/co-authors/{co_author.name}"
        assert app.client.put(path, headers=app.headers("author")).status_code == 200
    assert app.submit("author", problem="open").status_code == 202
    assert app.submit("author", problem="draft").status_code == 202
    assert app.client.post("/admin/problems/draft/verify", headers=app.headers("author")).status_code == 202
    return app


def _try(app: AppFixture, act: str, slug: str, who: str, tmp_path: Path) -> bool:
    headers = app.headers(who) if who != "anonymous" else {}
    if act in ("list", "find among the editable"):
        answer = app.client.get("/problems" if act == "list" else "/admin/problems", headers=headers)
        return any(row["slug"] == slug for row in answer.get_json().get("problems", []))
    if act == "replace":
        content = _pack(tmp_path, slug, EMBARGO.get(slug, "") + f"source: {who}\n")
        return bool(_add(app, headers, slug, content).status_code == 201)
    if act in _ACTS:
        return _may(app, act, slug, headers)
    program = {"language": "python3", "source": "print(1)", "problem": slug}
    answer = {
        "see": lambda: app.client.get(f"/problems/{slug}", headers=headers),
        "read a file of": lambda: app.client.get(
            f"/problems/{slug}/files/attachments/tool.txt", headers=headers
        ),
        "submit to": lambda: app.client.post("/submissions", json=program, headers=headers),
        "verify": lambda: app.client.post(f"/admin/problems/{slug}/verify", headers=headers),
        "read the faults of": lambda: app.client.get(f"/admin/problems/{slug}/faults", headers=headers),
        "give away": lambda: app.client.patch(
            f"/admin/problems/{slug}", json={"owner": "author"}, headers=headers
        ),
    }[act]()
    return bool(answer.status_code < 300)


_ACTS: dict[str, tuple[str, str, Any]] = {
    "see the versions of": ("GET", "", None),
    "follow the verification of": ("GET", "/verification", None),
    "see a version of": ("GET", "/versions/{version}", None),
    "download": ("GET", "/versions/{version}/package", None),
    "go back with": ("POST", "/versions/{version}/restore", None),
    "list the files of": ("GET", "/versions/{version}/files", None),
    "read a jury's file of": ("GET", "/versions/{version}/files/data/secret/01.in", None),
    "preview a change of": ("POST", "/versions/{version}/preview", {"changes": []}),
    "save a change of": ("POST", "/versions/{version}/changes", {"changes": []}),
    "publish": ("PUT", "/state", {"state": "published", "unverified": True}),
    "hide": ("PUT", "/state", {"state": "draft"}),
    "rejudge": ("POST", "/rejudge", {}),
    "see whom a rejudging touches of": ("GET", "/rejudge", None),
    "read verdicts of": ("GET", "/verdicts?ids=x", None),
    "choose co-authors of": ("PUT", "/co-authors/co-author", None),
    "delete": ("DELETE", "", None),
}


def _may(app: AppFixture, act: str, slug: str, headers: Mapping[str, str]) -> bool:
    method, path, body = _ACTS[act]
    row = app.services.problems.get(slug)
    assert row is not None
    path = f"/admin/problems/{slug}{path.format(version=row.version)}"
    answer = app.client.open(path, method=method, json=body, headers=headers)
    # An account that may delete the problem gets 409, because a problem with submissions is not deleted.
    return answer.status_code < 300 or (act == "delete" and answer.status_code == 409)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("act", "slug"), MATRIX)
def test_each_account_is_allowed_the_listed_acts_on_a_problem(
    owned: AppFixture, tmp_path: Path, act: str, slug: str, who: str
) -> None:
    assert _try(owned, act, slug, who, tmp_path) is (who in MATRIX[act, slug])


def test_an_embargoed_problem_of_another_author_gets_404(owned: AppFixture) -> None:
    headers = owned.headers("other author")
    for method, path in (("POST", "verify"), ("GET", "faults")):
        answers = [
            owned.client.open(f"/admin/problems/{slug}/{path}", method=method, headers=headers)
            for slug in ("kept", "none")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]


def test_an_owner_keeps_a_problem_that_an_administrator_replaced(owned: AppFixture, tmp_path: Path) -> None:
    content = _pack(tmp_path, "open", "source: admin\n")
    assert _add(owned, owned.headers("admin"), "open", content).status_code == 201
    assert _try(owned, "verify", "open", "author", tmp_path)


def test_an_administrator_changes_and_removes_the_owner_of_a_problem(
    own_app: AppFixture, tmp_path: Path
) -> None:
    other, admin = _other_author(own_app), own_app.headers("admin")

    def give(owner: str | None) -> int:
        answer = own_app.client.patch("/admin/problems/aplusb", json={"owner": owner}, headers=admin)
        return int(answer.status_code)

    assert give(other.account.name) == 200
    assert [_try(own_app, "verify", "aplusb", who, tmp_path) for who in ("other author", "author")] == [
        True,
        False,
    ]
    assert [give("ada"), give("nobody"), give(None)] == [422, 422, 200]
    assert [_try(own_app, "verify", "aplusb", who, tmp_path) for who in ("other author", "author")] == [
        False,
        False,
    ]
    assert _try(own_app, "verify", "aplusb", "admin", tmp_path)


def test_an_owner_without_the_role_author_cannot_edit_the_problem(
    own_app: AppFixture, tmp_path: Path
) -> None:
    own_app.services.accounts.set_role(own_app.accounts["author"].account.id, Role.USER)
    own_app.services.auth_cache.clear()
    assert not _try(own_app, "verify", "aplusb", "author", tmp_path)


def test_the_migration_makes_the_first_uploader_of_a_problem_its_owner(
    own_app: AppFixture, tmp_path: Path
) -> None:
    engine, services = own_app.services.engine, own_app.services
    other, author = _other_author(own_app).account, own_app.accounts["author"].account
    stored = services.package_store.add_folder(PROBLEMS / "nextprime")
    services.problems.put(problem_row(stored, other.id))  # this account added the latest version
    sample = services.package_store.add_folder(PROBLEMS / "pairsum")
    services.problems.put(problem_row(sample, None))
    roll_back(engine, "0014")
    with write_transaction(engine) as connection:
        for name in (author.name, other.name):
            row = {"at": utc_now(), "account": name, "act": "problem.add", "subject": "nextprime"}
            connection.execute(insert(audit).values(row))
        connection.execute(text("UPDATE problems SET added_by = :id WHERE slug = 'aplusb'"), {"id": other.id})
    migrate(engine)
    assert services.problem_members.owners() == {"nextprime": author.name, "aplusb": other.name}


def test_the_owner_adds_and_removes_a_co_author(own_app: AppFixture, tmp_path: Path) -> None:
    helper, owner = _other_author(own_app, "helper").account, own_app.headers("author")

    def ask(method: str, name: str) -> int:
        path = f"/admin/problems/aplusb/co-authors/{name}"
        return int(own_app.client.open(path, method=method, headers=owner).status_code)

    assert not _try(own_app, "verify", "aplusb", "helper", tmp_path)
    assert ask("PUT", helper.name) == 200
    assert _try(own_app, "verify", "aplusb", "helper", tmp_path)
    shown = own_app.client.get("/admin/problems/aplusb", headers=own_app.headers("helper")).get_json()
    assert (shown["owner"], shown["co_authors"], shown["may_manage"]) == ("author", ["helper"], False)
    assert [ask("PUT", "ada"), ask("PUT", "nobody"), ask("PUT", "author")] == [422, 404, 409]
    assert [ask("DELETE", helper.name), ask("DELETE", helper.name)] == [200, 404]
    assert not _try(own_app, "verify", "aplusb", "helper", tmp_path)
