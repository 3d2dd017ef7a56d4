"""The clients that may use each route of events, in each phase. A new route needs a row here."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

PHASES = {
    "before": (10, 60),
    "running": (-60, 60),
    "paused": (-60, 60),
    "frozen": (-60, 10),
    "ended": (-60, -1),
    "final": (-60, -1),
}
"""Minutes from now to the start and to the end. The last 20 minutes are frozen; ``final`` is thawed."""
ROLES = (
    *("anonymous", "stranger", "other author", "disabled member"),
    *("member", "guest", "hidden member", "LTI learner", "jury", "admin"),
)
"""An invited person is bound to one event: see :data:`OF_INVITED`."""
PREFIXES = ("/events", "/event-invitations", "/api/contests", "/lti")
OF_SUBMISSIONS = {("GET", "/events/<id>")}
"""The stream of a submission's status: see test_event_leaks.py."""
REFUSED = frozenset({401, 403})

Who = Mapping[str, Collection[str]]
"""Roles by phase."""
EVERYBODY = frozenset(ROLES)
JURY = frozenset({"jury", "admin"})
MEMBERS = frozenset({"member", "guest", "hidden member", "LTI learner"})
INSIDE = MEMBERS | JURY
"""The roles that see an event whose visibility is ``members``."""


def in_all(who: Collection[str]) -> Who:
    return dict.fromkeys(PHASES, who)


def in_some(who: Collection[str], *phases: str, otherwise: Collection[str] = ()) -> Who:
    return {phase: who if phase in phases else otherwise for phase in PHASES}


@dataclass(frozen=True, slots=True)
class Access:
    """The clients that may use a route. Others must get a status of ``refusals``.

    A body of bytes is sent as a file. ``spoils`` is true if the request makes the event useless for other
    rows. Then the row gets its own event.
    """

    who: Who
    body: Any = None
    refusals: Collection[int] = REFUSED
    spoils: bool = False


ALL, OF_JURY = Access(in_all(EVERYBODY)), Access(in_all(JURY))
ACCOUNTS = Access(in_all(EVERYBODY - {"anonymous"}))
OPEN = Access(in_some(EVERYBODY, "running", "paused", "frozen", "ended", "final", otherwise=JURY))
"""For all clients after the start of the event, and only for the jury before it."""
OF_AUTHORS = Access(in_all({"other author", *JURY}))
NO_ONE = Access(in_all(()), refusals=frozenset({401, 404}))


def jury(body: Any = None, spoils: bool = False) -> Access:
    return Access(in_all(JURY), body, spoils=spoils)


def _zip(text: str) -> str:
    """A program in the form that the Contest API takes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", text)
    return base64.b64encode(buffer.getvalue()).decode()


PROGRAM = {"problem_id": "A", "language_id": "python3", "files": [{"data": _zip("print(1)")}]}
_E = "/events/<slug>"
_C = "/api/contests/<slug>"
READS: dict[str, Access] = {
    "/events": ALL,  # a list has only what the client may see, and the test looks for titles of other events
    f"{_E}/state": ALL,
    f"{_E}/problems/<label>": OPEN,
    f"{_E}/standings": OPEN,
    f"{_E}/stream": OPEN,
    f"{_E}/tries": ACCOUNTS,
    f"{_E}/messages": ACCOUNTS,
    f"{_E}/report": NO_ONE,  # for invited persons only
    f"{_E}/members": OF_JURY,
    f"{_E}/members/<id>/submissions": OF_JURY,
    f"{_E}/submissions": OF_JURY,
    f"{_E}/standings.csv": OF_JURY,
    f"{_E}/results": OF_JURY,
    f"{_E}/results.csv": OF_JURY,
    f"{_E}/results.xlsx": OF_JURY,
    f"{_E}/results.tsv": OF_JURY,
    f"{_E}/archive.zip": OF_JURY,
    f"{_E}/rejudgings": OF_JURY,
    f"{_E}/rejudgings/<id>": OF_JURY,
    f"{_E}/balloons": OF_JURY,
    f"{_E}/invitations": OF_JURY,
    f"{_E}/invitations.csv": OF_JURY,
    f"{_E}/invitations/<id>/report": OF_JURY,
    f"{_E}/similarity": OF_JURY,
    f"{_E}/similarity/<id>": OF_JURY,
    f"{_E}/similarity/<id>/pairs/<int:number>": OF_JURY,
    f"{_E}/lti-links": OF_JURY,
    f"{_E}/shadow": OF_JURY,
    f"{_E}/shadow.csv": OF_JURY,
    "/api/contests": ALL,
    _C: ALL,
    f"{_C}/state": ALL,
    f"{_C}/access": ALL,
    f"{_C}/scoreboard": OPEN,
    f"{_C}/event-feed": OPEN,
    f"{_C}/<kind>": ALL,  # KINDS has a row for each kind
    f"{_C}/<kind>/<id>": OPEN,
    f"{_C}/balloons": OF_JURY,  # this is a route of DOMjudge
    f"{_C}/status": OF_JURY,
    f"{_C}/contest-yaml": OF_JURY,
    f"{_C}/samples.zip": OPEN,
    # After the start the answer is 404, because the problem has no PDF. test_domjudge_files.py has a PDF.
    f"{_C}/problems/<id>/statement": Access(in_all(()), refusals={403, 404}),
    f"{_C}/submissions/<id>/source-code": Access(in_all({"member", *JURY}), refusals={404}),
    f"{_C}/submissions/<id>/files": Access(in_all({"member", *JURY}), refusals={404}),
    "/lti/keys": ALL,
    "/lti/login": ALL,
    "/lti/continue": ALL,
    "/lti/choice": ALL,
}
KINDS: dict[str, Access] = {
    **dict.fromkeys(("judgement-types", "languages", "problems", "groups", "organizations", "teams"), ALL),
    **dict.fromkeys(("persons", "accounts", "commentary", "clarifications"), ALL),
    **dict.fromkeys(("submissions", "judgements", "awards"), OPEN),
    "runs": ALL,  # the list is empty for all but the jury: see test_clics_objects.py
}
CHANGES: dict[tuple[str, str], Access] = {
    ("POST", "/events"): OF_AUTHORS,
    ("POST", "/events/import"): OF_AUTHORS,
    ("PATCH", "/events/<id>"): jury({"description": "Same"}),
    ("DELETE", "/events/<id>"): jury(spoils=True),
    ("POST", f"{_E}/join"): Access(ACCOUNTS.who, {}),  # 409, because the jury adds the members
    ("POST", f"{_E}/start"): Access(ACCOUNTS.who),  # 409, because all have the same time
    ("PUT", f"{_E}/tokens/<id>"): NO_ONE,  # 404 for a member too, because the member has no such submission
    ("POST", f"{_E}/messages"): Access(in_all(MEMBERS), {"question": "x"}),
    ("PUT", f"{_E}/freeze"): jury({"thawed": False}, spoils=True),
    ("POST", f"{_E}/members"): jury({"members": []}),
    ("POST", f"{_E}/members/import"): jury(b"name,accounts\n"),
    ("PATCH", f"{_E}/members/<id>"): jury({}),
    ("DELETE", f"{_E}/members/<id>"): jury(),
    ("PUT", f"{_E}/submissions/<id>/disqualification"): jury({"reason": "x"}),
    ("POST", f"{_E}/announcements"): jury({"text": "x"}),
    ("PUT", f"{_E}/messages/<id>/answer"): jury({"answer": "x"}),
    ("POST", f"{_E}/recompute"): jury({}),
    ("POST", f"{_E}/extension"): jury({"minutes": 1}, spoils=True),
    ("PUT", f"{_E}/pause"): jury({"paused": False}, spoils=True),
    ("PUT", f"{_E}/pauses"): jury({"pauses": []}, spoils=True),
    ("POST", f"{_E}/rejudgings"): jury({"reason": "x"}),
    ("POST", f"{_E}/rejudgings/<id>/application"): jury(),
    ("DELETE", f"{_E}/rejudgings/<id>"): jury(),
    ("PUT", f"{_E}/shadow"): Access(in_all({"admin"}), {"url": "https://judge.example/api/contests/1"}),
    ("DELETE", f"{_E}/shadow"): Access(in_all({"admin"})),
    ("PUT", f"{_E}/shadow/submissions/<id>/review"): jury({"looked_at": True}),
    ("POST", f"{_E}/similarity"): jury({"earlier": ["no-such-event"]}),
    ("DELETE", f"{_E}/similarity/<id>"): jury(),
    ("PUT", f"{_E}/balloons/<id>/<label>"): jury({"delivered": True}),
    ("POST", f"{_E}/invitations"): jury({"people": [{"name": "Ada"}]}),
    ("PATCH", f"{_E}/invitations/<id>"): jury({"shows_report": True}),
    ("POST", f"{_E}/invitations/<id>/link"): jury({}),
    ("DELETE", f"{_E}/invitations/<id>"): jury(),
    ("POST", f"{_E}/lti-links"): jury({"platform": "x"}),
    ("DELETE", f"{_E}/lti-links/<id>"): jury(),
    ("POST", f"{_E}/lti-placements/<id>/members"): jury(),
    ("POST", f"{_C}/submissions"): Access(in_some(MEMBERS, "running", "frozen"), PROGRAM),
    ("POST", f"{_C}/balloons/<int:number>/done"): jury(),
    ("POST", "/event-invitations"): Access(ALL.who, {"token": "x"}),
    ("POST", "/event-invitations/opening"): Access(ALL.who, {"token": "x"}),
    ("POST", "/lti/login"): ALL,
    ("POST", "/lti/launch"): ALL,
    ("POST", "/lti/choice"): ALL,
}
OF_INVITED: dict[tuple[str, str], Collection[str]] = {
    ("GET", f"{_E}/state"): PHASES,
    ("GET", f"{_E}/problems/<label>"): ("running", "paused", "final"),
    ("GET", f"{_E}/tries"): PHASES,
    ("GET", f"{_E}/messages"): PHASES,
    ("GET", f"{_E}/report"): PHASES,
    ("POST", f"{_E}/messages"): PHASES,
    ("POST", f"{_E}/start"): PHASES,  # 409, because the time of an invited person has begun
}
"""The routes of events that an invited person may use, and in which phases. All are about the person's own
event."""
PHASES_OF_INVITED = ("before", "running", "paused", "final")
"""The other phases are left out. An event whose members have their own windows does not freeze."""
TABLE: dict[tuple[str, str], Access] = {**{("GET", rule): row for rule, row in READS.items()}, **CHANGES}
