"""A past contest of another system is imported as an event. Gavel computes its standings."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from judge_api.__main__ import main
from judge_api.cli.events import without_runs
from judge_core.model.submission import Verdict
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event
from tests.web.served import Served

CONTEST = {
    "id": "finals-2020",
    "formal_name": "Finals 2020",
    "start_time": "2020-06-01T09:00:00Z",
    "duration": "5:00:00",
    "scoreboard_freeze_duration": "1:00:00",
}


def _lines(*objects: tuple[str, dict[str, Any]]) -> bytes:
    return "".join(json.dumps({"type": kind, "data": data}) + "\n" for kind, data in objects).encode()


def _submission(id: str, team: str, minute: int, verdict: str | None) -> list[tuple[str, dict[str, Any]]]:
    at = f"2020-06-01T{9 + minute // 60:02}:{minute % 60:02}:00Z"
    made = {"id": id, "team_id": team, "problem_id": "sum", "language_id": "cpp", "time": at}
    judged = {"id": f"j{id}", "submission_id": id, "judgement_type_id": verdict, "end_time": at}
    return [("submissions", made), ("judgements", judged)]


FEED = _lines(
    ("contest", CONTEST),
    ("problems", {"id": "sum", "label": "A", "ordinal": 0}),
    ("teams", {"id": "t1", "name": "One"}),
    ("teams", {"id": "t2", "name": "Two", "icpc_id": "ICPC-7"}),
    *_submission("1", "t1", 10, "WA"),
    *_submission("2", "t1", 30, "AC"),
    *_submission("3", "t2", 40, "AC"),
    *_submission("4", "t2", 290, None),
    ("runs", {"id": "r1", "judgement_id": "j1"}),
    ("submissions", {"id": "5", "team_id": "gone", "problem_id": "sum"}),
)


def _import(app: AppFixture, who: str, feed: bytes = FEED, query: str = "") -> Any:
    files = {"file": (io.BytesIO(feed), "feed.ndjson")}
    return app.client.post(f"/events/import{query}", data=files, headers=app.headers(who))


def test_gavel_computes_the_standings_of_an_imported_feed(own_app: AppFixture) -> None:
    answer = _import(own_app, "author", query="?visibility=public")
    assert answer.status_code == 201, answer.get_json()
    body = answer.get_json()
    assert (body["slug"], body["problems"], body["members"], body["submissions"]) == ("finals-2020", 1, 2, 4)
    assert body["notes"] == ["1 submissions of unknown teams or problems, or without a time: 5"]
    event = EventClient(own_app, "finals-2020")
    rows = event.standings()["rows"]
    assert [(row["name"], row["rank"], row["penalty_seconds"] // 60) for row in rows] == [
        ("Two", 1, 40), ("One", 2, 30 + 20)
    ]  # fmt: skip
    assert (event.state("bob")["title"], event.state("bob")["phase"]) == ("Finals 2020", "ended")
    listed = event.call("author", "GET", "/submissions", expect=200)["submissions"]
    assert [each["verdict"] for each in listed] == [None, "AC", "AC", "WA"]
    assert _import(own_app, "author").status_code == 409
    assert _import(own_app, "author", query="?slug=again").status_code == 201
    assert own_app.client.get("/events/again/state", headers=own_app.headers("bob")).status_code == 404


def test_an_imported_contest_has_the_awards_and_ranks_of_its_standings(own_app: AppFixture) -> None:
    """The winner is named when the contest is thawed, as in a contest that Gavel has judged."""
    assert _import(own_app, "author", query="?visibility=public").status_code == 201
    event = EventClient(own_app, "finals-2020")
    ids = {each["name"]: each["id"] for each in event.call("author", "GET", "/members")["members"]}

    def awards(who: str) -> dict[str, list[str]]:
        headers = own_app.headers(who)
        found = own_app.client.get("/api/contests/finals-2020/awards", headers=headers).get_json()
        return {each["id"]: each["team_ids"] for each in found}

    assert awards("bob") == {"first-to-solve-sum": [ids["One"]]}
    event.call("author", "PUT", "/freeze", {"thawed": True}, expect=200)
    own_app.services.scoreboards.forget()
    assert awards("bob") == {"winner": [ids["Two"]], "first-to-solve-sum": [ids["One"]]}
    answer = own_app.client.get("/events/finals-2020/results.tsv", headers=own_app.headers("author"))
    assert answer.get_data(as_text=True).splitlines() == [
        "results\t1",
        "ICPC-7\t1\tRanked\t1\t40\t40\t",
        "t1\t2\tRanked\t1\t50\t30\t",
    ]


def test_a_feed_without_a_contest_is_refused(own_app: AppFixture) -> None:
    answer = _import(own_app, "author", b"nothing\n")
    assert answer.status_code == 422
    assert "no object of the type contest" in answer.get_json()["detail"]
    assert _import(own_app, "bob").status_code == 403


def test_an_event_that_is_imported_from_a_feed_of_gavel_has_the_same_standings(own_app: AppFixture) -> None:
    event = make_event(own_app, "source", rules={"freeze_minutes": 5})
    event.add("ada", affiliation="Here")
    event.add("bob", category="guest")
    event.submit("ada", Verdict.WA)
    event.submit("ada")
    event.submit("bob", Verdict.CE)
    event.submit("bob")
    own_app.services.scoreboards.forget()
    address = "/api/contests/source/event-feed?stream=false"
    feed = own_app.client.get(address, headers=own_app.headers("author")).get_data()
    assert _import(own_app, "author", feed, "?slug=copy").get_json()["notes"] == []

    def rows(slug: str) -> Any:
        found = EventClient(own_app, slug).standings("author")["rows"]
        return [{name: each for name, each in row.items() if name != "member"} for row in found]

    assert rows("copy") == rows("source")


def test_gavel_events_import_feed_imports_a_file_without_its_runs(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "feed.ndjson"
    file.write_bytes(FEED)
    assert b'"runs"' not in without_runs(FEED)
    env = {"GAVEL_URL": served.url, "GAVEL_KEY": served.app.accounts["author"].key}
    result = CliRunner().invoke(main, ["events", "import-feed", str(file), "--slug", "by-command"], env=env)
    assert result.exit_code == 0, result.output
    assert "by-command  1 problems, 2 members, 4 submissions" in result.output
    assert "left out: 1 submissions of unknown teams" in result.output
