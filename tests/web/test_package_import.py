"""A problem in another judge's format is converted when it is uploaded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import get_args

import pytest

from judge_api.schemas.requests import PackageIn
from judge_core.packages.formats import ForeignFormat
from tests.golden.test_imports import lay_out, pack
from tests.web.app_fixture import AppFixture


def upload(app: AppFixture, path: Path, **fields: str) -> tuple[int, dict[str, object]]:
    data = {"package": (io.BytesIO(path.read_bytes()), path.name), **fields}
    answer = app.client.post("/admin/problems", data=data, headers=app.headers("author"))
    return answer.status_code, answer.get_json()


@pytest.mark.parametrize("format", ["auto", "fps"])
def test_an_upload_in_another_format_is_converted(app: AppFixture, tmp_path: Path, format: str) -> None:
    path = lay_out("fps", tmp_path) / "fps-courses.xml"
    status, body = upload(app, path, format=format, name=f"course-{format}", state="draft")
    assert status == 201, body
    assert (body["slug"], body["state"]) == (f"course-{format}", "draft")
    assert "no language 'EasyC' here" in str(body["warnings"])
    assert app.services.package_store.path(str(body["version"]))


def test_an_upload_that_cannot_be_converted_is_refused_with_the_reason(
    app: AppFixture, tmp_path: Path
) -> None:
    status, body = upload(app, pack(lay_out("qduoj", tmp_path), tmp_path / "two.zip"), format="auto")
    assert status == 422
    assert "holds 2 problems (split, double): gavel problems import makes a package of each" in str(body)
    path = tmp_path / "readme.txt"
    path.write_text("nothing")
    status, body = upload(app, path, format="auto")
    assert status == 422 and "in no format that can be imported" in str(body)
    status, body = upload(app, path, format="ejudge")
    assert status == 422 and "format" in str(body)


@pytest.mark.parametrize("format", ForeignFormat)
@pytest.mark.parametrize("content", [b'"', b""], ids=["a text", "nothing"])
def test_a_file_without_content_of_the_named_format_is_refused(
    app: AppFixture, tmp_path: Path, format: ForeignFormat, content: bytes
) -> None:
    path = tmp_path / "package"
    path.write_bytes(content)
    status, body = upload(app, path, format=format, state="draft")
    assert (status, bool(body.get("errors"))) == (422, True), body


def test_the_upload_accepts_the_name_of_each_format() -> None:
    named = get_args(PackageIn.model_fields["format"].annotation)
    assert set(named) == {"package", "auto", *ForeignFormat}
