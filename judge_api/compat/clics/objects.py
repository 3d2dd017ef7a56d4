"""The objects of the CLICS Contest API, made from an event as one client may see it.

The ``id`` of a contest is the event's slug. The id of a team is the member's id, that of a problem is its
slug, and that of a judgement is the submission's id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from judge_api.events.rules import Category, Scoring
from judge_api.events.scoring import Cell, TryState
from judge_api.events.standings import EventMember, Row
from judge_api.events.windows import Phase
from judge_api.services.event_access import EventView, shown_problems
from judge_api.services.scoreboards import Board
from judge_api.store.event_results import EventSubmission, TestsOfSubmission
from judge_api.store.events import EventMessage, ProblemInEvent
from judge_core.model.language import Language
from judge_core.model.problem import ProblemSpec
from judge_core.model.submission import Verdict, rfc3339

Object = dict[str, Any]
NAMES = {
    Verdict.AC: "Accepted",
    Verdict.WA: "Wrong Answer",
    Verdict.TLE: "Time Limit Exceeded",
    Verdict.MLE: "Memory Limit Exceeded",
    Verdict.OLE: "Output Limit Exceeded",
    Verdict.RTE: "Run-Time Error",
    Verdict.CE: "Compile Error",
}
PROPERTIES: dict[str, Sequence[str]] = {
    "contest": (
        *("id", "name", "formal_name", "start_time", "duration", "scoreboard_freeze_duration"),
        *("scoreboard_type", "penalty_time", "shortname", "end_time", "allow_submit"),
    ),
    "judgement-types": ("id", "name", "penalty", "solved"),
    "languages": ("id", "name", "entry_point_required", "extensions"),
    "problems": (
        *("id", "label", "name", "ordinal", "rgb", "time_limit", "test_data_count", "max_score", "statement"),
    ),
    "groups": ("id", "name", "type"),
    "organizations": ("id", "name"),
    "teams": ("id", "icpc_id", "name", "label", "group_ids", "organization_id", "hidden"),
    "state": ("started", "frozen", "ended", "thawed", "finalized", "end_of_updates"),
    "submissions": ("id", "language_id", "problem_id", "team_id", "time", "contest_time", "files"),
    "judgements": (
        *("id", "submission_id", "judgement_type_id", "score", "start_time", "start_contest_time"),
        *("end_time", "end_contest_time"),
    ),
    "runs": ("id", "judgement_id", "ordinal", "judgement_type_id", "time", "contest_time", "run_time"),
    "clarifications": (
        *("id", "from_team_id", "to_team_id", "reply_to_id", "problem_id", "text", "time", "contest_time"),
    ),
    "awards": ("id", "citation", "team_ids"),
    "scoreboard": ("time", "contest_time", "state", "rows"),
}


def relative_time(span: timedelta) -> str:
    """The time as CLICS writes it: h:mm:ss.uuu, negative before the start."""
    milliseconds = span // timedelta(milliseconds=1)
    sign, rest = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    seconds, part = divmod(rest, 1000)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{part:03}"


def _answer_id(question: str) -> str:
    """The id of an answer. It has at most 36 characters, the most that the specification allows."""
    return f"{question.replace('-', '')}-re"


def run_id(judgement: str, ordinal: int) -> str:
    """The id of a run. It has at most 36 characters."""
    return f"{judgement.replace('-', '')}{ordinal:04}"


@dataclass(frozen=True, slots=True)
class Contest:
    """An event as one client may see it, with the data that its objects are made from."""

    view: EventView
    board: Board
    languages: Sequence[Language]
    spec_of: Callable[[str], ProblemSpec | None]

    @property
    def _is_icpc(self) -> bool:
        return self.view.event.rules.scoring is Scoring.ICPC

    def contest(self) -> Object:
        event = self.view.event
        body: Object = {
            "id": event.slug,
            "name": event.title,
            "formal_name": event.title,
            "start_time": rfc3339(event.times.starts_at),
            "duration": relative_time(event.times.length),
            "scoreboard_type": "pass-fail" if self._is_icpc else "score",
            # DOMjudge's submit client also reads these fields.
            "shortname": event.slug,
            "end_time": rfc3339(event.times.ends_at),
            "allow_submit": self.view.phase in (Phase.RUNNING, Phase.FROZEN) and not self.view.is_paused,
        }
        if event.rules.freeze_minutes:
            frozen_for = timedelta(minutes=event.rules.freeze_minutes)
            body["scoreboard_freeze_duration"] = relative_time(frozen_for)
        if self._is_icpc:
            body["penalty_time"] = event.rules.icpc.penalty_minutes
        return body

    def state(self) -> Object:
        times, now, freezes = self.view.event.times, self.view.clock, self.view.freeze_at
        return {
            "started": rfc3339(times.starts_at) if now >= times.starts_at else None,
            "frozen": rfc3339(freezes) if freezes is not None and now >= freezes else None,
            "ended": rfc3339(times.ends_at) if now >= times.ends_at else None,
            "thawed": rfc3339(times.thawed_at),
            "finalized": None,
            "end_of_updates": None,
        }

    def judgement_types(self) -> list[Object]:
        costs = self.view.event.rules.icpc.compile_errors_cost
        return [
            {
                "id": verdict.value,
                "name": name,
                "penalty": verdict is not Verdict.AC and (verdict is not Verdict.CE or costs),
                "solved": verdict is Verdict.AC,
            }
            for verdict, name in NAMES.items()
        ]

    def language_list(self) -> list[Object]:
        allowed = self.view.event.rules.languages
        return [
            {
                "id": each.id,
                "name": each.name,
                "entry_point_required": False,
                "extensions": [extension.removeprefix(".") for extension in each.extensions],
            }
            for each in self.languages
            if not allowed or each.id in allowed
        ]

    def problems(self) -> list[Object]:
        shown = [each for each in shown_problems(self.view) if not each.withdrawn]
        return [self._problem(ordinal, each) for ordinal, each in enumerate(shown)]

    def _problem(self, ordinal: int, each: ProblemInEvent) -> Object:
        spec = self.spec_of(each.slug)
        body: Object = {
            "id": each.slug,
            "label": each.label,
            "name": spec.name if spec else each.slug,
            "ordinal": ordinal,
            "time_limit": (spec.limits.time if spec else None) or 0,
            "test_data_count": spec.tests_total if spec else 0,
        }
        if each.colour:
            body["rgb"] = each.colour
        if not self._is_icpc:
            body["max_score"] = each.weight
        if spec and any(statement.pdf for statement in spec.statements):
            href = f"contests/{self.view.event.slug}/problems/{each.slug}/statement"
            file = {"href": href, "filename": f"{each.label}.pdf", "mime": "application/pdf"}
            body["statement"] = [file]
        return body

    def groups(self) -> list[Object]:
        """The categories of the members."""
        shown = [each for each in Category if self.view.is_jury or each is not Category.HIDDEN]
        return [{"id": each.value, "name": each.value.title(), "type": "category"} for each in shown]

    def organizations(self) -> list[Object]:
        """The affiliations. The id of an affiliation is ``org-`` and its position in the sorted names."""
        return [{"id": id, "name": name} for name, id in self._organizations().items()]

    def _organizations(self) -> dict[str, str]:
        names = sorted({each.affiliation for each in self.members() if each.affiliation})
        return {name: f"org-{number}" for number, name in enumerate(names, 1)}

    def members(self) -> list[EventMember]:
        """The members that the client may see."""
        shown = [each for each in self.board.setup.members if not each.disabled]
        return [each for each in shown if self.view.is_jury or each.category is not Category.HIDDEN]

    def teams(self) -> list[Object]:
        organizations = self._organizations()
        return [
            {
                "id": each.id,
                "name": each.name,
                "label": each.name,
                "group_ids": [each.category.value],
                **({"icpc_id": each.external_id} if each.external_id else {}),
                **({"organization_id": organizations[each.affiliation]} if each.affiliation else {}),
                **({"hidden": True} if each.category is Category.HIDDEN else {}),
            }
            for each in self.members()
        ]

    def counted(self, found: Iterable[EventSubmission]) -> list[EventSubmission]:
        """The submissions that count, of members and problems that the client may see."""
        members = {each.id for each in self.members()}
        problems = {each["id"] for each in self.problems()}
        return [
            each
            for each in found
            if each.member in members
            and each.problem in problems
            and each.state is not TryState.VOID
            and each.disqualified is None
        ]

    def submission(self, each: EventSubmission) -> Object:
        """A submission. Only the jury sees its files. Their address is relative to the API's base address."""
        href = f"contests/{self.view.event.slug}/submissions/{each.id}/files"
        files = [{"href": href, "filename": "files.zip", "mime": "application/zip"}]
        return {
            **({"files": files} if self.view.is_jury else {}),
            "id": each.id,
            "language_id": each.language,
            "problem_id": each.problem,
            "team_id": each.member,
            "time": rfc3339(each.at),
            "contest_time": self._contest_time(each.at),
        }

    def may_see_result(self, each: EventSubmission) -> bool:
        """Whether the client may see the result.

        Until the thaw, only the jury sees the results of submissions after the freeze.
        """
        if each.verdict is None:
            return False
        freezes, thawed = self.view.freeze_at, self.view.event.times.thawed_at
        return (
            self.view.is_jury
            or freezes is None
            or thawed is not None
            or self.view.event.times.clock(each.at) < freezes
        )

    def judgement(self, each: EventSubmission) -> Object:
        judged = each.judged_at or each.at
        body: Object = {
            "id": each.id,
            "submission_id": each.id,
            "judgement_type_id": each.verdict.value if each.verdict else None,
            "start_time": rfc3339(each.at),
            "start_contest_time": self._contest_time(each.at),
            "end_time": rfc3339(judged),
            "end_contest_time": self._contest_time(judged),
        }
        if not self._is_icpc and each.score is not None:
            body["score"] = each.score
        return body

    def runs(self, each: EventSubmission, found: TestsOfSubmission) -> list[Object]:
        """One run for each test of a judged submission, for the jury. The time of each run is the end of the
        judgement."""
        judged = each.judged_at or each.at
        return [
            {
                "id": run_id(each.id, ordinal),
                "judgement_id": each.id,
                "ordinal": ordinal,
                "judgement_type_id": verdict.value,
                "time": rfc3339(judged),
                "contest_time": self._contest_time(judged),
                "run_time": milliseconds / 1000,
            }
            for ordinal, (verdict, milliseconds) in enumerate(found.tests, 1)
        ]

    def tests_total(self, each: EventSubmission) -> int:
        """The number of tests of the submission's problem."""
        spec = self.spec_of(each.problem)
        return spec.tests_total if spec else 0

    def clarifications(self, messages: Iterable[EventMessage]) -> list[Object]:
        """The clarifications. A question and its answer are two clarifications, and an announcement is
        one."""
        found: list[Object] = []
        for each in reversed(list(messages)):
            own = self.view.member is not None and each.member_id == self.view.member.id
            if not (self.view.is_jury or own or each.to_all):
                continue
            if each.question is not None and (self.view.is_jury or own):
                found.append(self._message(each, each.id, each.question, each.asked_at, each.member_id, None))
            if each.answer is not None:
                to = None if each.to_all else each.member_id
                at = each.answered_at or each.asked_at
                found.append(self._message(each, _answer_id(each.id), each.answer, at, None, to))
        return found

    def _message(
        self,
        each: EventMessage,
        id: str,
        text: str,
        at: datetime,
        sender: str | None,
        receiver: str | None,
    ) -> Object:
        return {
            "id": id,
            "from_team_id": sender,
            "to_team_id": receiver,
            "reply_to_id": each.id if id != each.id and each.question is not None and receiver else None,
            "problem_id": each.problem,
            "text": text,
            "time": rfc3339(at),
            "contest_time": self._contest_time(at),
        }

    def awards(self) -> list[Object]:
        """The awards: the first member to solve each problem, and the winner once the event has ended and no
        results are frozen."""
        rows = self.board.standings(not self.view.is_jury).rows()
        found = [
            {"id": f"first-to-solve-{slug}", "citation": "First to solve", "team_ids": [row.member.id]}
            for row in rows
            for slug in sorted(row.firsts)
        ]
        if self.view.clock >= self.view.event.times.ends_at and not self.view.is_frozen:
            winners = [row.member.id for row in rows if row.rank == 1 and row.points > 0]
            found.insert(0, {"id": "winner", "citation": "Winner", "team_ids": winners})
        return found

    def scoreboard(self) -> Object:
        standings = self.board.standings(not self.view.is_jury)
        slugs = [each.slug for each in standings.problems]
        rows, better = [], 0
        for row in standings.rows():
            better = row.rank or better
            rows.append(self._row(row, row.rank or better + 1, slugs))
        return {
            "time": rfc3339(self.view.now),
            "contest_time": self._contest_time(self.view.now),
            "state": self.state(),
            "rows": rows,
        }

    def _row(self, row: Row, rank: int, slugs: Sequence[str]) -> Object:
        score = (
            {"num_solved": row.solved, "total_time": row.penalty // 60}
            if self._is_icpc
            else {"score": row.points}
        )
        problems = [self._cell(slug, cell, row) for slug, cell in zip(slugs, row.cells, strict=True)]
        return {"rank": rank, "team_id": row.member.id, "score": score, "problems": problems}

    def _cell(self, slug: str, cell: Cell, row: Row) -> Object:
        body: Object = {"problem_id": slug, "num_judged": cell.tries, "num_pending": cell.pending}
        if self._is_icpc:
            body["solved"] = cell.solved
        else:
            body["score"] = cell.points
        if cell.decided_at is not None:
            body["time"] = cell.decided_at // timedelta(minutes=1)
        return body | ({"first_to_solve": True} if slug in row.firsts else {})

    def _contest_time(self, at: datetime) -> str:
        return relative_time(self.view.event.times.counted(at))
