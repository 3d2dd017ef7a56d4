"""The calls of DOMjudge's API for the jury and administrators: configuration, status, users and balloons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.exceptions import BadRequest

from judge_api.compat.clics.objects import Object
from judge_api.compat.clics.views import contest_of
from judge_api.compat.domjudge.access import authenticate_client, require_administrator, user_object
from judge_api.container import services
from judge_api.events.scoring import TryState
from judge_api.events.standings import Row, Standings
from judge_api.events.windows import Phase
from judge_api.http.auth import current_account
from judge_api.http.json import json_response
from judge_api.services.event_access import EventView
from judge_api.store.event_results import EventSubmission
from judge_core.model.account import Scope, Tier
from judge_core.model.errors import Forbidden, NotFound
from judge_core.model.program_files import MOST_FILES
from judge_core.model.submission import Stage


def show_config() -> Response:
    """The variables of DOMjudge's configuration that have a meaning here. With ``name``, only that
    variable."""
    found, name = _config(), request.args.get("name")
    if not name:
        return json_response(found)
    if name not in found:
        raise BadRequest(f"Parameter with name: {name[:64]} not found")
    return json_response({name: found[name]})


def _config() -> dict[str, Any]:
    quota = services().quotas.of(Tier.NORMAL)
    return {
        "verification_required": False,
        "sourcesize_limit": quota.source_bytes // 1024,
        "sourcefiles_limit": MOST_FILES,
        "score_in_seconds": False,
        "show_flags": False,
        "show_affiliations": True,
        "show_affiliation_logos": False,
        "show_pending": True,
        "show_balloons_postfreeze": True,
        "show_sample_output": True,
        "enable_printing": False,
        "data_source": 0,
    }


def show_status() -> Response:
    """For each running event whose jury the client belongs to: the number of all submissions, of those that
    wait, and of those that are being judged."""
    authenticate_client(Scope.AUTHOR)
    if not current_account().may_add_problems:
        raise Forbidden("this needs an account with the role author or admin")
    views = services().event_access.visible(current_account())
    active = [each for each in views if each.is_jury and each.phase in (Phase.RUNNING, Phase.FROZEN)]
    if not active:
        raise BadRequest("No active contest")
    return json_response([{**_counts(each), "cid": each.event.slug} for each in active])


def show_contest_status(slug: str) -> Response:
    """The same numbers for one event. The event need not be running."""
    return json_response(_counts(jury_view(slug)))


def _counts(view: EventView) -> dict[str, int]:
    found = services().event_results.since(view.event.id, 0)
    counted = [each for each in found if each.state is not TryState.VOID and each.disqualified is None]
    waiting = [each.id for each in counted if each.verdict is None]
    stages = [each.stage for each in services().status_service.current_of_many(waiting).values()]
    queued = stages.count(Stage.QUEUED)
    return {"num_submissions": len(counted), "num_queued": queued, "num_judging": len(stages) - queued}


def list_users() -> Response:
    """All accounts, or those of ``ids[]``.

    Teams are members of events and not accounts, so ``team_id`` selects no account.
    """
    require_administrator()
    wanted = set(request.args.getlist("ids[]"))
    listed = [] if request.args.get("team_id") else services().accounts.list()
    return json_response([user_object(each) for each in listed if not wanted or each.id in wanted])


def show_user(id: str) -> Response:
    """One account."""
    require_administrator()
    found = services().accounts.get(id)
    if found is None:
        raise NotFound("there is no account with this id")
    return json_response(user_object(found))


@dataclass(frozen=True, slots=True)
class _Balloons:
    """The solved problems of an event, for its jury."""

    standings: Standings
    problems: Mapping[str, Object]
    submissions: Mapping[str, EventSubmission]
    organizations: Mapping[str, str]

    def of(self, row: Row) -> Iterable[tuple[EventSubmission, Object]]:
        """The balloons of a member, each with the submission that solved the problem."""
        member = row.member
        for slug, cell in self._solved(row):
            found = self.submissions[cell]
            yield (
                found,
                {
                    "balloonid": found.serial,
                    "time": f"{found.at.timestamp():.6f}",
                    "problem": self.problems[slug]["label"],
                    "contestproblem": self.problems[slug],
                    "team": f"{member.id}: {member.name}",
                    "teamid": member.id,
                    "location": None,
                    "affiliation": member.affiliation,
                    "affiliationid": self.organizations.get(member.affiliation or ""),
                    "category": member.category.value.title(),
                    "categoryid": member.category.value,
                    "total": {
                        self.problems[each]["label"]: self.problems[each] for each, _ in self._solved(row)
                    },
                    "awards": "first for problem" if slug in row.firsts else "",
                },
            )

    def _solved(self, row: Row) -> list[tuple[str, str]]:
        pairs = zip(self.standings.problems, row.cells, strict=True)
        solved = [(each.slug, cell.decided_by or "") for each, cell in pairs if cell.solved]
        return [(slug, by) for slug, by in solved if by in self.submissions and slug in self.problems]


def list_balloons(slug: str) -> Response:
    """The problems that members have solved.

    Undelivered balloons come before delivered ones. In each group the latest comes first. With ``todo``, only
    undelivered balloons are listed.
    """
    only_open = request.args.get("todo", "").lower() in ("1", "true", "yes", "on")
    shown = [each for _, each in _balloons(jury_view(slug)) if not (only_open and each["done"])]
    return json_response(shown)


def deliver_balloon(slug: str, number: int) -> Response:
    """Record that a balloon was delivered."""
    view = jury_view(slug)
    found = next((each for each, balloon in _balloons(view) if balloon["balloonid"] == number), None)
    if found is None:
        raise NotFound("balloon not found")
    services().event_rejudgings.deliver(view.event.id, found.member, found.problem, current_account().id)
    return Response(status=204)


def _balloons(view: EventView) -> list[tuple[EventSubmission, Object]]:
    contest = contest_of(services(), view)
    delivered = services().event_rejudgings.delivered(view.event.id)
    standings = contest.board.jury
    balloons = _Balloons(
        standings,
        {each["id"]: each for each in contest.problems()},
        {each.id: each for each in services().event_results.since(view.event.id, 0)},
        {each["name"]: each["id"] for each in contest.organizations()},
    )
    found = [pair for row in standings.rows() for pair in balloons.of(row)]
    for submission, balloon in found:
        balloon["done"] = (submission.member, submission.problem) in delivered
    _name_the_first(found)
    return sorted(found, key=lambda pair: (pair[1]["done"], -pair[0].serial))


def _name_the_first(found: list[tuple[EventSubmission, Object]]) -> None:
    first = min(found, key=lambda pair: pair[0].serial, default=None)
    if first is not None:
        first[1]["awards"] = "first in contest"


def jury_view(slug: str) -> EventView:
    """The event that the request names, for its jury."""
    authenticate_client(Scope.AUTHOR)
    return services().event_access.for_jury(current_account(), slug)


def add_jury_routes(blueprint: APIBlueprint) -> None:
    """Add these routes below ``/api`` or ``/api/v4``."""
    blueprint.add_url_rule("/config", "config", show_config, methods=["GET"])
    blueprint.add_url_rule("/status", "status", show_status, methods=["GET"])
    blueprint.add_url_rule("/users", "users", list_users, methods=["GET"])
    blueprint.add_url_rule("/users/<id>", "one_user", show_user, methods=["GET"])
    contest = "/contests/<slug>"
    blueprint.add_url_rule(f"{contest}/status", "contest_status", show_contest_status, methods=["GET"])
    blueprint.add_url_rule(f"{contest}/balloons", "balloons", list_balloons, methods=["GET"])
    done = f"{contest}/balloons/<int:number>/done"
    blueprint.add_url_rule(done, "balloon_done", deliver_balloon, methods=["POST"])
