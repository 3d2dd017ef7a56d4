"""Files that a statement shows are served, and no other file of a package."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from judge_api.store.problems import problem_row
from tests.unit.test_statements import Files, pdf, write_package
from tests.web.app_fixture import PROBLEMS, AppFixture

SOURCE = "problem_statement/problem.tex"  # this file may have comments of the jury
PICTURE = b"\x89PNG\r\n\x1a\n and more"


def test_a_pdf_figure_is_drawn_and_sent_as_a_picture(app: AppFixture, tmp_path: Path) -> None:
    files: Files = {
        "problem_statement/problem.en.tex": "\\includegraphics{fig}",
        "problem_statement/fig.pdf": pdf(),
    }
    offer(app, write_package(tmp_path / "drawn", files))
    html = app.client.get("/problems/drawn").get_json()["statements"][0]["html"]
    (address,) = re.findall(r'src="([^"]+)"', html)
    assert address.startswith("/problems/drawn/files/pictures/")
    picture = app.client.get(address)
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.data.startswith(b"\x89PNG")
    for other in ("pictures", "pictures/", "pictures/none.png", "pictures/../problem.yaml"):
        assert app.client.get(f"/problems/drawn/files/{other}").status_code == 404


def offer(app: AppFixture, folder: Path) -> None:
    stored = app.services.package_store.add_folder(folder)
    app.services.problems.put(problem_row(stored, None))


def test_pictures_pdfs_and_attachments_are_sent_and_other_files_of_a_package_are_not(
    app: AppFixture, tmp_path: Path
) -> None:
    folder = tmp_path / "shown"
    shutil.copytree(PROBLEMS / "aplusb", folder)
    for root in ("statement", "problem_statement"):
        shutil.rmtree(folder / root, ignore_errors=True)
    statement = folder / "problem_statement"
    (statement / "pics").mkdir(parents=True)
    (statement / "problem.tex").write_text(
        "\\problemname{Shown}\n\\includegraphics[width=1cm]{pics/sum up}\nSum $a_i$."
        "\\illustration{0.3}{fig.svg}{by me}\n"
    )
    (statement / "problem.sv.pdf").write_bytes(b"%PDF-1.4 x")
    (statement / "pics" / "sum up.png").write_bytes(PICTURE)
    (statement / "fig.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "attachments").mkdir(exist_ok=True)
    (folder / "problem.pdf").write_bytes(b"%PDF-1.4 top")
    (folder / "attachments" / "tool.html").write_text("<script>alert(1)</script>")
    offer(app, folder)
    secret = next((folder / "data" / "secret").rglob("*.in")).relative_to(folder).as_posix()

    spec = app.client.get("/problems/shown").get_json()
    html = next(each["html"] for each in spec["statements"] if each["language"] == "en")
    assert 'src="/problems/shown/files/problem_statement/pics/sum%20up.png"' in html
    assert 'src="/problems/shown/files/problem_statement/fig.svg"' in html
    assert "<math" in html

    picture = app.client.get("/problems/shown/files/problem_statement/pics/sum%20up.png")
    assert (picture.status_code, picture.data, picture.mimetype) == (200, PICTURE, "image/png")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Content-Security-Policy"].endswith("; sandbox")
    pdf = app.client.get("/problems/shown/files/problem_statement%2Fproblem.sv.pdf")
    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    top = app.client.get("/problems/shown/files/problem.pdf")
    assert (top.status_code, top.data) == (200, b"%PDF-1.4 top")
    tool = app.client.get("/problems/shown/files/attachments/tool.html")
    assert tool.mimetype == "application/octet-stream"
    assert tool.headers["Content-Disposition"].startswith("attachment")
    for path in (
        secret,
        "problem.yaml",
        "attachments",
        "attachments/none",
        "statement/../problem.yaml",
        SOURCE,
    ):
        assert app.client.get(f"/problems/shown/files/{path}").status_code == 404


@pytest.mark.parametrize("path", [".", "%2E", "./.", "..", "%00", "%FF"])
def test_an_odd_path_of_a_file_gets_404(app: AppFixture, path: str) -> None:
    assert app.client.get(f"/problems/aplusb/files/{path}").status_code == 404
