"""Makes events in an application, with members and submissions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.web.app_fixture import AppFixture


def moment(minutes: float) -> str:
    """The time this many minutes from now, in the API's format."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


@dataclass(frozen=True, slots=True)
class EventClient:
    """Reads and changes an event over HTTP."""

    app: AppFixture
    slug: str

    def call(self, who: str, method: str, path: str, body: Any = None, expect: int | None = None) -> Any:
        """Send a request. Returns the JSON of the answer, which must have the status ``expect``."""
        headers = self.app.headers(who) if who != "anonymous" else {}
        asked = {"json": body} if body is not None else {}
        answer = self.app.client.open(f"/events/{self.slug}{path}", method=method, headers=headers, **asked)
        if expect is not None:
            assert answer.status_code == expect, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def state(self, who: str = "ada") -> Any:
        return self.call(who, "GET", "/state", expect=200)

    def standings(self, who: str = "anonymous", query: str = "") -> Any:
        # A process caches the standings for 0.2 s. Forget them, because tests ask at once.
        self.app.services.scoreboards.forget()
        return self.call(who, "GET", f"/standings{query}", expect=200)

    def submit(self, who: str = "ada", verdict: Verdict | None = Verdict.AC, problem: str = "A") -> str:
        """Submit to the event, and record the verdict unless it is ``None``. Returns the submission's id."""
        answer = self.app.submit(who, problem=problem, event=self.slug)
        assert answer.status_code == 202, answer.get_json()
        id: str = answer.get_json()["id"]
        if verdict is not None:
            assert VerdictStore(self.app.services.engine).record(finished(id, verdict=verdict)) is not None
        return id

    def add(self, *accounts: str, **changes: Any) -> str:
        """Add a member. Returns its id."""
        body = {"members": [{"accounts": list(accounts), **changes}]}
        self.call("author", "POST", "/members", body, expect=200)
        members = self.call("author", "GET", "/members")["members"]
        return str(next(each["id"] for each in members if set(each["accounts"]) == set(accounts)))


def make_event(
    app: AppFixture, slug: str, starts: float = -60, ends: float = 60, rules: Any = None, **changes: Any
) -> EventClient:
    """Let the account ``author`` make an event. Its times are in minutes from now."""
    body = {
        "slug": slug,
        "title": slug.title(),
        "starts_at": moment(starts),
        "ends_at": moment(ends),
        "rules": rules or {},
        "visibility": "public",
        "problems": [{"slug": "aplusb"}],
        **changes,
    }
    answer = app.client.post("/events", json=body, headers=app.headers("author"))
    assert answer.status_code == 201, answer.get_json()
    return EventClient(app, slug)
