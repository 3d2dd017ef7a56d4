"""A row that cannot be read spoils no list: the others are shown, and judging goes on."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from judge_api.store.engine import write_transaction
from tests.web.app_fixture import AppFixture


def put(app: AppFixture, statement: str, **values: object) -> None:
    with write_transaction(app.services.engine) as connection:
        assert connection.execute(text(statement), values).rowcount == 1


@pytest.mark.parametrize(
    ("column", "value"), [("kind", "odd"), ("tier", "gold"), ("stage", "odd"), ("submitted_at", "not a time")]
)
def test_a_submission_that_cannot_be_read_is_left_out_of_lists(
    own_app: AppFixture, column: str, value: str
) -> None:
    ids = [own_app.submit().get_json()["id"] for _ in range(3)]
    put(own_app, f"UPDATE submissions SET {column} = :value WHERE id = :id", value=value, id=ids[1])
    shown = own_app.client.get("/submissions?limit=2", headers=own_app.headers()).get_json()
    rest = own_app.client.get(
        f"/submissions?limit=2&cursor={shown['cursor']}", headers=own_app.headers()
    ).get_json()
    assert [each["id"] for each in (*shown["submissions"], *rest["submissions"])] == [ids[2], ids[0]]
    answer = own_app.client.get("/admin/submissions", headers=own_app.headers("admin"))
    assert (answer.status_code, len(answer.get_json()["submissions"])) == (200, 2)
    assert own_app.submit().status_code == 202


@pytest.mark.parametrize("spec", ["[1]", "{}", "{", '{"slug": 1, "limits": [], "type": 3}', "null"])
def test_a_problem_that_cannot_be_read_is_left_out_of_lists(own_app: AppFixture, spec: str) -> None:
    columns = "version, title, author, format, statement, added_at, added_by"
    put(
        own_app,
        f"INSERT INTO problems (slug, spec, {columns}) SELECT 'odd', :spec, {columns} FROM problems LIMIT 1",
        spec=spec,
    )
    for path, name in (("/problems", "ada"), ("/admin/problems", "admin"), ("/api/problems/all/", "ada")):
        answer = own_app.client.get(path, headers=own_app.headers(name))
        assert answer.status_code == 200, path
        assert "aplusb" in answer.get_data(as_text=True)
        assert '"odd"' not in answer.get_data(as_text=True)
    assert own_app.submit().status_code == 202
