"""A problem may limit the size of a program. A larger program is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from judge_api.store.problems import problem_row
from tests.web.app_fixture import PROBLEMS, AppFixture


@pytest.mark.parametrize(("size", "status"), [(1024, 202), (1025, 413)])
def test_a_source_over_the_code_limit_of_the_problem_is_refused(
    app: AppFixture, tmp_path: Path, size: int, status: int
) -> None:
    folder = tmp_path / "short"
    shutil.copytree(PROBLEMS / "aplusb", folder)
    yaml = (folder / "problem.yaml").read_text()
    (folder / "problem.yaml").write_text(yaml.replace("limits:\n", "limits:\n  code: 1\n"))
    app.services.problems.put(problem_row(app.services.package_store.add_folder(folder), None))
    body = {"language": "python3", "source": "#" * size, "problem": "short"}
    answer = app.client.post("/submissions", headers=app.headers("ada"), json=body)
    assert answer.status_code == status
