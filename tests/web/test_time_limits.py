"""Workers agree on calibrated time limits through the main server, and all accounts see the limits."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from judge_api.store.problems import problem_row
from tests.web.app_fixture import PROBLEMS, WORKER_TOKEN, AppFixture

BEARER = {"Authorization": f"Bearer {WORKER_TOKEN}"}


def offer_without_limit(app: AppFixture, place: Path, slug: str) -> str:
    """Add a problem whose package has no time limit. Returns its version."""
    folder = place / slug
    shutil.copytree(PROBLEMS / "aplusb", folder)
    yaml = folder / "problem.yaml"
    yaml.write_text("\n".join(line for line in yaml.read_text().splitlines() if "time_limit" not in line))
    (folder / ".timelimit").unlink(missing_ok=True)
    stored = app.services.package_store.add_folder(folder)
    app.services.problems.put(problem_row(stored, None))
    return stored.hash


def test_the_first_calibrated_time_limit_is_kept_and_shown(app: AppFixture, tmp_path: Path) -> None:
    version = offer_without_limit(app, tmp_path, "unlimited")
    url = f"/internal/packages/{version}/time-limit"
    assert app.client.get("/problems/unlimited").get_json()["limits"]["time"] is None
    assert app.client.get(url, headers=BEARER).get_json() == {"time_limit": None}
    answers = [app.client.put(url, headers=BEARER, json={"time_limit": each}) for each in (1.5, 3.0)]
    assert [answer.get_json() for answer in answers] == [{"time_limit": 1.5}] * 2
    assert app.client.get(url, headers=BEARER).get_json() == {"time_limit": 1.5}
    assert app.client.get("/problems/unlimited").get_json()["limits"]["time"] == 1.5


@pytest.mark.parametrize("body", [{}, {"time_limit": 0}, {"time_limit": "2"}, {"time_limit": True}, []])
def test_an_invalid_time_limit_is_refused(app: AppFixture, tmp_path: Path, body: Any) -> None:
    answer = app.client.put(f"/internal/packages/{'0' * 64}/time-limit", headers=BEARER, json=body)
    assert answer.status_code == 422
    assert "time_limit" in answer.get_data(as_text=True)
