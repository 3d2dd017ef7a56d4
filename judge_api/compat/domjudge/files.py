"""The calls of DOMjudge's API that answer with a file: samples, a problem's statement, and contest.yaml."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any

import yaml
from apiflask import APIBlueprint
from flask import Response

from judge_api.compat.clics.views import contest_of, requested_contest
from judge_api.compat.domjudge.jury import jury_view
from judge_api.compat.domjudge.package_files import OfferedProblem, pdf_in, write_samples
from judge_api.container import services
from judge_api.services.event_access import EventView, shown_problems
from judge_api.services.problem_visibility import spec_of
from judge_api.views.event_results import IN_MEMORY, download
from judge_api.views.problem_files import send_member
from judge_core.model.errors import Forbidden, NotFound

_COPIED = ("duration", "scoreboard_type", "penalty_time", "scoreboard_freeze_duration")


def send_samples(slug: str) -> Response:
    """The samples, PDF statements and attachments of a contest's problems as a zip.

    Contestants get them from the contest's start on.
    """
    problems = _offered(requested_contest(slug).view)
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed once it is sent)
    write_samples(problems, file)
    return download("samples.zip", "application/zip", file)


def send_statement(slug: str, id: str) -> Response:
    """The statement of a problem as PDF. Contestants get it from the contest's start on."""
    problems = _offered(requested_contest(slug).view)
    found = next((each for each in problems if each.spec.slug == id), None)
    if found is None:
        raise NotFound(f"there is no problem {id[:64]!r} in this contest")
    archive, name = found.archive, f"{found.label}.pdf"
    pdf = pdf_in(archive, id) if archive else None
    if archive is None or pdf is None:
        page = f"/events/{slug}/problems/{found.label}"
        raise NotFound(f"the problem {id!r} has no PDF statement: read it at {page}")
    response = send_member(archive, pdf, name)
    response.headers.set("Content-Disposition", "inline", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _offered(view: EventView) -> list[OfferedProblem]:
    """The problems that the client may see now. Raises ``Forbidden`` if it may see none."""
    if not view.may_see_problems:
        raise Forbidden("the problems of this contest are not open to you now")
    shown = [each for each in shown_problems(view) if not each.withdrawn]
    rows = [(each.label, services().problems.get(each.slug)) for each in shown]
    return [
        OfferedProblem(label, spec_of(row), services().package_store.path(row.version))
        for label, row in rows
        if row is not None
    ]


def send_contest_yaml(slug: str) -> Response:
    """The contest without its problems, for its jury.

    DOMjudge and ``gavel events import`` can read this file.
    """
    content = yaml.safe_dump(_contest_data(jury_view(slug)), sort_keys=False, allow_unicode=True)
    return download("contest.yaml", "application/x-yaml", content.encode())


def _contest_data(view: EventView) -> dict[str, Any]:
    """The fields of contest.yaml. Times are whole seconds, because DOMjudge does not read fractions."""
    shown, times = contest_of(services(), view).contest(), view.event.times
    thawed = times.thawed_at
    return {
        "id": shown["id"],
        "formal_name": shown["formal_name"],
        "name": shown["shortname"],
        "start_time": times.starts_at.isoformat(timespec="seconds"),
        "end_time": times.ends_at.isoformat(timespec="seconds"),
        **{name: shown[name] for name in _COPIED if name in shown},
        **({"scoreboard_thaw_time": thawed.isoformat(timespec="seconds")} if thawed else {}),
    }


def add_file_routes(blueprint: APIBlueprint) -> None:
    """Add these routes below ``/api`` or ``/api/v4``."""
    contest = "/contests/<slug>"
    blueprint.add_url_rule(f"{contest}/samples.zip", "samples", send_samples, methods=["GET"])
    blueprint.add_url_rule(f"{contest}/contest-yaml", "contest_yaml", send_contest_yaml, methods=["GET"])
    statement = f"{contest}/problems/<id>/statement"
    blueprint.add_url_rule(statement, "statement", send_statement, methods=["GET"])
