"""The package's input visualizer draws a test for an author. A worker runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.app_fixture import AppFixture
from tests.web.test_problem_life import add, append, ask, pack

DRAW = append("input_visualizer/draw.py", "open('testcase.svg', 'w').write('<svg/>')")


def picture(app: AppFixture, slug: str, test: str, who: str = "author") -> Any:
    newest = ask(app, "GET", slug).get_json()["newest"]
    url = f"/admin/problems/{slug}/versions/{newest}/pictures"
    return app.client.post(url, json={"test": test}, headers=app.headers(who))


def test_a_test_is_sent_to_a_worker_for_drawing(app: AppFixture, tmp_path: Path) -> None:
    add(app, "drawn", pack(tmp_path, "drawn", DRAW))
    begun = picture(app, "drawn", "secret/01")
    assert begun.status_code == 202, begun.get_json()
    status = app.client.get(begun.get_json()["status_url"], headers=app.headers("author")).get_json()
    assert (status["state"], status["problem"]) == ("PENDING", "drawn")
    stored = app.services.submissions.submission(begun.get_json()["id"])
    assert stored is not None and stored.run is not None and stored.run.draws == "secret/01"


@pytest.mark.parametrize(
    ("test", "status"), [("secret/99", 422), ("../problem", 422), ("", 422), ("secret/01\x00", 422)]
)
def test_drawing_a_missing_test_is_refused(app: AppFixture, tmp_path: Path, test: str, status: int) -> None:
    if app.services.problems.get("undrawn") is None:
        add(app, "undrawn", pack(tmp_path, "undrawn", DRAW))
    assert picture(app, "undrawn", test).status_code == status


def test_drawing_a_test_without_a_visualizer_is_refused_with_the_reason(
    app: AppFixture, tmp_path: Path
) -> None:
    add(app, "plain-tests", pack(tmp_path, "plain-tests"))
    refused = picture(app, "plain-tests", "secret/01")
    assert (refused.status_code, "input_visualizer/" in refused.get_json()["detail"]) == (409, True)
    assert picture(app, "plain-tests", "secret/01", "bob").status_code == 403
