"""A teacher gets the results with late marks and grades as CSV and XLSX, comments on lines, and exports the
archive."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest

from judge_api.services import event_archive
from judge_core.model.submission import Verdict
from tests.web.app_fixture import SUM, AppFixture
from tests.web.event_fixture import EventClient, make_event

GRADES = [{"points": 0, "grade": "F"}, {"points": 50, "grade": "C"}, {"points": 90, "grade": "A"}]


def _assignment(app: AppFixture, slug: str) -> EventClient:
    """Make an event in which ada solves the problem ten minutes late, then submits a wrong program. bob
    solves nothing."""
    rules = {"scoring": "ioi", "late": [{"minutes": 30, "percent": 60}], "grades": GRADES}
    event = make_event(app, slug, -60, -10, rules, problems=[{"slug": "aplusb", "weight": 100}])
    event.add("ada", name="=Ada")
    event.add("bob")
    event.submit("ada")
    event.submit("ada", Verdict.WA)
    event.submit("bob", Verdict.WA)
    app.services.scoreboards.forget()
    return event


def _get(event: EventClient, path: str, who: str = "author") -> bytes:
    answer = event.app.client.get(f"/events/{event.slug}{path}", headers=event.app.headers(who))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: bytes = answer.get_data()
    return found


def test_the_results_have_the_best_and_last_score_lateness_and_grades(own_app: AppFixture) -> None:
    event = _assignment(own_app, "homework")
    found = event.call("author", "GET", "/results", expect=200)
    ada, bob = found["rows"]
    assert (found["problems"], ada["name"], ada["points"], ada["grade"]) == (["A"], "=Ada", 60.0, "C")
    (cell,) = ada["cells"]
    assert (cell["best"], cell["last"], cell["late_percent"], cell["tries"]) == (1.0, 0.0, 60, 2)
    assert 10 <= cell["late_minutes"] <= 12
    assert (bob["grade"], bob["cells"][0]["best"], bob["cells"][0]["late_minutes"]) == ("F", 0.0, 0)
    mine = event.call("author", "GET", f"/members/{ada['member']}/submissions", expect=200)
    assert [each["verdict"] for each in mine["submissions"]] == ["WA", "AC"]


def test_exported_results_have_no_formulas(own_app: AppFixture) -> None:
    event = _assignment(own_app, "sheets")
    lines = list(csv.reader(io.StringIO(_get(event, "/results.csv").decode())))
    assert lines[0][8:] == ["A points", "A tries", "A minutes", "A best %", "A last %", "A late minutes"]
    assert (lines[1][1], lines[1][7:10]) == ("'=Ada", ["C", "60", "2"])
    book = zipfile.ZipFile(io.BytesIO(_get(event, "/results.xlsx")))
    sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not [each for each in sheet.iter() if each.tag.endswith("}f")]
    assert "=Ada" in book.read("xl/sharedStrings.xml").decode()
    head, line, *_ = _get(event, "/results.tsv").decode().splitlines()
    assert (head, line.split("\t")[0]) == ("results\t1", "'=Ada")


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_the_archive_of_an_event_has_its_submissions_with_their_sources(
    own_app: AppFixture, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(event_archive, "_PAGE", page)
    event = _assignment(own_app, "kept")
    archive = zipfile.ZipFile(io.BytesIO(_get(event, "/archive.zip")))
    lines: list[Any] = json.loads(archive.read("submissions.json"))
    assert [(each["account"], each["verdict"]) for each in lines] == [
        ("ada", "AC"), ("ada", "WA"), ("bob", "WA")
    ]  # fmt: skip
    assert archive.read(f"sources/{lines[0]['number']}.py").decode() == SUM
    assert json.loads(archive.read("event.json"))["rules"]["grades"] == GRADES
    assert [each["accounts"] for each in json.loads(archive.read("members.json"))] == [["ada"], ["bob"]]


def test_an_administrator_downloads_all_submissions_to_a_problem(own_app: AppFixture) -> None:
    _assignment(own_app, "parts")
    assert own_app.submit("ada").status_code == 202
    path = "/admin/problems/aplusb/submissions.zip"
    assert own_app.client.get(path, headers=own_app.headers("author")).status_code == 403
    answer = own_app.client.get(path, headers=own_app.headers("admin"))
    archive = zipfile.ZipFile(io.BytesIO(answer.get_data()))
    lines: list[Any] = json.loads(archive.read("submissions.json"))
    assert [(each["account"], each["verdict"]) for each in lines] == [
        ("ada", None), ("bob", "WA"), ("ada", "WA"), ("ada", "AC")
    ]  # fmt: skip
    assert archive.read(f"sources/{lines[0]['number']}.py").decode() == SUM


def test_the_jury_comments_on_a_line_and_the_owner_reads_the_comment(own_app: AppFixture) -> None:
    event = make_event(own_app, "review")
    event.add("ada")
    id = event.submit("ada")

    def call(who: str, method: str, path: str = "", body: Any = None) -> Any:
        asked = {"json": body} if body is not None else {}
        path = f"/submissions/{id}/comments{path}"
        return own_app.client.open(path, method=method, headers=own_app.headers(who), **asked)

    assert call("author", "POST", body={"text": "Why a map?", "line": 1}).status_code == 201
    assert call("admin", "POST", body={"text": "Well done."}).status_code == 201
    assert call("author", "POST", body={"text": "x", "line": 9}).status_code == 422
    read = call("ada", "GET").get_json()
    assert read["may_comment"] is False
    shown = [(each["line"], each["text"], each["author"]) for each in read["comments"]]
    assert shown == [(None, "Well done.", "admin"), (1, "Why a map?", "author")]
    assert call("ada", "POST", body={"text": "x"}).status_code == 404
    assert call("bob", "GET").status_code == 404
    assert call("author", "DELETE", f"/{read['comments'][0]['id']}").status_code == 204
    assert len(call("ada", "GET").get_json()["comments"]) == 1


def test_the_id_of_a_member_in_another_system_is_set_by_request_or_by_file(own_app: AppFixture) -> None:
    event = make_event(own_app, "ranked")
    id = event.add("ada", external_id="ICPC-1")
    text = b"accounts,external_id,name\nbob,ICPC-2,Team Bob\n"
    files = {"file": (io.BytesIO(text), "members.csv")}
    answer = own_app.client.post(
        "/events/ranked/members/import", data=files, headers=own_app.headers("author")
    )
    assert answer.get_json() == {"added": 1, "faults": []}
    changed = event.call("author", "PATCH", f"/members/{id}", {"external_id": "ICPC-9"}, expect=200)
    assert changed["external_id"] == "ICPC-9"
    assert event.call("author", "PATCH", f"/members/{id}", {"name": "A"})["external_id"] == "ICPC-9"
    event.submit("bob")
    own_app.services.scoreboards.forget()
    sheet = own_app.client.get("/events/ranked/results.tsv", headers=own_app.headers("author"))
    assert [line.split("\t")[0] for line in sheet.get_data(as_text=True).splitlines()[1:]] == [
        "ICPC-2", "ICPC-9"
    ]  # fmt: skip
    teams = own_app.client.get("/api/contests/ranked/teams").get_json()
    assert {each["icpc_id"] for each in teams} == {"ICPC-2", "ICPC-9"}
    long = b"accounts,external_id\ngrace," + b"x" * 65 + b"\n"
    files = {"file": (io.BytesIO(long), "members.csv")}
    refused = own_app.client.post(
        "/events/ranked/members/import", data=files, headers=own_app.headers("author")
    )
    assert [each["column"] for each in refused.get_json()["faults"]] == ["external_id"]


def test_a_used_id_of_another_system_is_refused_for_a_second_member(own_app: AppFixture) -> None:
    event = make_event(own_app, "unique")
    ada, bob = event.add("ada", external_id="ICPC-1"), event.add("bob", external_id=" ICPC-2 ")
    for change in ("ICPC-1", " ICPC-1 "):
        refused = event.call("author", "PATCH", f"/members/{bob}", {"external_id": change}, expect=409)
        assert "'ada' of this event has 'ICPC-1' already" in refused["detail"]
    assert event.call("author", "PATCH", f"/members/{bob}", {"external_id": "ICPC-2"}, expect=200)
    fault = event.call("author", "PATCH", f"/members/{bob}", {"external_id": "a\tb"}, expect=422)
    assert "external_id" in json.dumps(fault)
    new = {"members": [{"accounts": ["grace"], "external_id": "ICPC-2"}]}
    event.call("author", "POST", "/members", new, expect=409)
    assert (
        event.call("author", "PATCH", f"/members/{ada}", {"external_id": "  "}, expect=200)["external_id"]
        is None
    )
    assert event.call("author", "PATCH", f"/members/{bob}", {"external_id": "ICPC-1"}, expect=200)
    twice = b"accounts,external_id\ngrace,X-1\nalan,X-1\nada,\x07\n"
    answer = own_app.client.post(
        "/events/unique/members/import",
        data={"file": (io.BytesIO(twice), "members.csv")},
        headers=own_app.headers("author"),
    )
    faults = answer.get_json()["faults"]
    assert {(3, "external_id"), (4, "external_id")} <= {(each["line"], each["column"]) for each in faults}


def test_a_second_import_of_a_file_of_members_adds_no_member(own_app: AppFixture) -> None:
    make_event(own_app, "again")
    for added in (2, 0):
        answer = own_app.client.post(
            "/events/again/members/import",
            data={"file": (io.BytesIO(b"accounts,external_id\nada,A\nbob,B\n"), "members.csv")},
            headers=own_app.headers("author"),
        )
        assert answer.get_json() == {"added": added, "faults": []}
