"""When a package without a time limit is added, a run on its samples finds a limit."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from judge_api.services.problem_visibility import spec_of
from judge_api.store.account_deletion import AccountDeletion
from judge_api.store.problem_verifications import LineOutcome, VerificationLine
from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Role, Tier
from judge_core.model.submission import Kind
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import list_files
from judge_core.packages.package_store import write_zip
from tests.support.records import finished
from tests.web.app_fixture import PROBLEMS, AppFixture

_WITHOUT_LIMIT = shutil.ignore_patterns(".timelimit")


def add(app: AppFixture, tmp_path: Path, yaml: str) -> dict[str, object]:
    folder = tmp_path / "timed"
    shutil.copytree(PROBLEMS / "nextprime", folder, ignore=_WITHOUT_LIMIT, dirs_exist_ok=True)
    (folder / "problem.yaml").write_text(yaml)
    packed = io.BytesIO()
    write_zip(list_files(folder, Diagnostics()), "timed", packed)
    packed.seek(0)
    answer = app.client.post(
        "/admin/problems", headers=app.headers("author"), data={"package": (packed, "timed.zip")}
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return dict(answer.get_json())


def test_a_package_without_a_time_limit_begins_a_run_on_its_samples(app: AppFixture, tmp_path: Path) -> None:
    added = add(app, tmp_path, "name: Timed\n")
    found = app.services.submissions.submission(str(added["time_limit_run"]))
    assert found is not None
    assert (found.status.kind, found.status.problem) == (Kind.RUN, "timed")
    assert add(app, tmp_path, "name: Timed\n")["time_limit_run"] == added["time_limit_run"]


def test_a_new_version_reports_how_many_submissions_can_be_rejudged(app: AppFixture, tmp_path: Path) -> None:
    assert add(app, tmp_path, "name: Timed\nlimits: {time_limit: 1}\n")["to_rejudge"] == 0
    for _ in range(2):
        posted = app.submit(problem="timed").get_json()
        assert VerdictStore(app.services.engine).record(finished(posted["id"])) is not None
    assert add(app, tmp_path, "name: Timed\nlimits: {time_limit: 1}\n")["to_rejudge"] == 0
    assert add(app, tmp_path, "name: Timed\nlimits: {time_limit: 2}\n")["to_rejudge"] == 2


def test_a_package_with_a_known_time_limit_begins_no_run(app: AppFixture, tmp_path: Path) -> None:
    assert add(app, tmp_path, "name: Timed\nlimits: {time_limit: 1}\n")["time_limit_run"] is None
    added = add(app, tmp_path, "name: Timed again\n")
    app.services.problems.record_time_limit(str(added["version"]), 1.5)
    assert add(app, tmp_path, "name: Timed again\n")["time_limit_run"] is None


@pytest.mark.parametrize("slug", ["course-exam2", "Exam_2"])
def test_a_package_with_an_invalid_folder_name_is_added_under_a_given_name(
    app: AppFixture, tmp_path: Path, slug: str
) -> None:
    packed = io.BytesIO()
    write_zip(list_files(PROBLEMS / "aplusb", Diagnostics()), "course+exam2", packed)
    headers, content = app.headers("author"), packed.getvalue()
    refused = app.client.post(
        "/admin/problems", headers=headers, data={"package": (io.BytesIO(content), "x.zip")}
    )
    assert refused.status_code == 422
    assert "Give a name, such as course-exam2" in refused.get_data(as_text=True)
    data = {"package": (io.BytesIO(content), "x.zip"), "name": slug}
    assert app.client.post("/admin/problems", headers=headers, data=data).get_json()["slug"] == slug
    data = {"package": (io.BytesIO(content), "x.zip"), "name": "course+exam2"}
    assert app.client.post("/admin/problems", headers=headers, data=data).status_code == 422


def test_a_verification_by_a_deleted_account_is_begun_again(app: AppFixture) -> None:
    services = app.services
    row = services.problems.get("aplusb")
    assert row is not None
    gone = services.accounts.add("gone-author", Tier.NORMAL, Role.AUTHOR)
    begun = services.problem_verifications.begin("aplusb", row.version, gone.id)
    line = VerificationLine("submissions/accepted/a.py", ["AC"], outcome=LineOutcome.WAITING)
    services.problem_verifications.save(replace(begun, lines=(line,)))
    admin, spec = app.accounts["admin"].account, spec_of(row)
    assert services.verification_progress.begin(admin, spec).id == begun.id
    AccountDeletion(services.engine).delete(gone)
    again = services.verification_progress.begin(admin, spec)
    assert (again.id != begun.id, again.begun_by) == (True, admin.id)
    assert all(each.outcome is not LineOutcome.WAITING for each in again.lines)
