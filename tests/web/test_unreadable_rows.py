"""A row that cannot be read spoils no list: the others are shown, and judging goes on."""

from __future__ import annotations

from sqlalchemy import text

from judge_api.store.engine import write_transaction
from tests.web.app_fixture import AppFixture


def put(app: AppFixture, statement: str, **values: object) -> None:
    with write_transaction(app.services.engine) as connection:
        assert connection.execute(text(statement), values).rowcount == 1


ODD_SUBMISSIONS = {"kind": "odd", "tier": "gold", "stage": "odd", "submitted_at": "not a time"}
ODD_SPECS = ("[1]", "{}", "{", '{"slug": 1, "limits": [], "type": 3}', "null")


def test_submissions_that_cannot_be_read_are_left_out_of_lists(own_app: AppFixture) -> None:
    ids = [own_app.submit().get_json()["id"] for _ in range(2 + len(ODD_SUBMISSIONS))]
    for id, (column, value) in zip(ids[1:], ODD_SUBMISSIONS.items(), strict=False):
        put(own_app, f"UPDATE submissions SET {column} = :value WHERE id = :id", value=value, id=id)
    shown, cursor = [], ""
    while cursor is not None:
        path = f"/submissions?limit=2&cursor={cursor}" if cursor else "/submissions?limit=2"
        page = own_app.client.get(path, headers=own_app.headers()).get_json()
        shown += [each["id"] for each in page["submissions"]]
        cursor = page["cursor"]
    assert shown == [ids[-1], ids[0]]
    answer = own_app.client.get("/admin/submissions", headers=own_app.headers("admin"))
    assert (answer.status_code, len(answer.get_json()["submissions"])) == (200, 2)
    assert own_app.submit().status_code == 202


def test_problems_that_cannot_be_read_are_left_out_of_lists(own_app: AppFixture) -> None:
    columns = "version, title, author, format, statement, added_at, added_by"
    insert = (
        f"INSERT INTO problems (slug, spec, {columns}) SELECT :slug, :spec, {columns} FROM problems LIMIT 1"
    )
    for number, spec in enumerate(ODD_SPECS):
        put(own_app, insert, slug=f"odd-{number}", spec=spec)
    for path, name in (("/problems", "ada"), ("/admin/problems", "admin"), ("/api/problems/all/", "ada")):
        answer = own_app.client.get(path, headers=own_app.headers(name))
        assert answer.status_code == 200, path
        assert "aplusb" in answer.get_data(as_text=True)
        assert '"odd-' not in answer.get_data(as_text=True)
    assert own_app.submit().status_code == 202
