"""`gavel events`: lists, makes and exports events, and shows their standings."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import requests
import yaml
from requests.auth import HTTPBasicAuth

from gavel_client import Gavel
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_content, print_line, show_json, show_table
from judge_api.services.contest_files import ContestMember, UnreadableContest, read_contest_folder
from judge_core.terminal_text import written_out

_MEMBERS_AT_ONCE = 500
_FEED_SECONDS = 120.0


@click.group(name="events")
def command() -> None:
    """Make events (assignments, exams, contests), show their standings and export results."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def list_events(server: ServerOptions, as_json: bool) -> None:
    """List the events that the account may see, the latest start first."""
    with server.connect(default_account="admin") as gavel:
        found = gavel.fetch("/events")["events"]
    if as_json:
        show_json(found)
    else:
        heads = ("slug", "title", "starts", "ends", "phase", "scoring")
        shown = ("slug", "title", "starts_at", "ends_at", "phase", "scoring")
        show_table("events", heads, [[each[name] for name in shown] for each in found])


@command.command("create")
@click.argument("slug", required=False)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file with the event's fields.",
)
@click.option("--title", help="The title; without it, the slug.")
@click.option("--start", help="The start, such as 2026-11-29T14:00Z; now, if left out.")
@click.option("--end", help="The end, written like the start.")
@click.option(
    "--problem",
    "problems",
    multiple=True,
    metavar="SLUG",
    help="A problem; repeat the option for each, in order.",
)
@click.option("--scoring", type=click.Choice(["icpc", "ioi"]), help="How tries become points.")
@click.option(
    "--freeze",
    type=int,
    metavar="MINUTES",
    help="From this many minutes before the end, the public sees no new results.",
)
@click.option("--visibility", type=click.Choice(["public", "members", "jury"]), help="Who sees the event.")
@click.option("--group", "groups", multiple=True, help="A group of accounts whose members join.")
@server_options
def create(
    server: ServerOptions, slug: str | None, file: Path | None, groups: tuple[str, ...], **given: Any
) -> None:
    """Make the event SLUG from options, or from a YAML file with the fields of POST /events."""
    body = _with_options(_from_file(file) if file else {}, slug, given)
    missing = [name for name in ("slug", "starts_at", "ends_at") if name not in body]
    if missing:
        raise click.UsageError(f"{missing[0]} is missing: give it as an option, or in the file.")
    with server.connect(default_account="admin") as gavel:
        made = gavel.send("POST", "/events", body)
        print_line(
            f"{made['slug']}  {made['starts_at']} to {made['ends_at']}  {len(made['problems'])} problems"
        )
        if groups:
            added = gavel.send("POST", f"/events/{made['slug']}/members", {"groups": list(groups)})["added"]
            print_line(f"  {added} members added")


@command.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--slug", help="The event's slug. Default: the contest's id.")
@click.option("--dry-run", is_flag=True, help="Only show what would be made.")
@server_options
def import_contest(server: ServerOptions, folder: Path, slug: str | None, dry_run: bool) -> None:
    """Make an event from a contest's files in FOLDER, in the form that DOMjudge takes.

    FOLDER has contest.yaml with its problems, and may have groups.json, organizations.json, teams.json and
    accounts.yaml. Accounts that do not exist are made and get passwords, which are printed. Problems must
    have been added before.
    """
    try:
        files = read_contest_folder(folder)
    except UnreadableContest as error:
        raise click.UsageError(str(error)) from error
    body = {**files.event, **({"slug": slug} if slug else {})}
    for note in files.notes:
        print_line(f"left out: {note}", err=True)
    with server.connect(default_account="admin") as gavel:
        known = {each["slug"] for each in gavel.fetch("/problems")["problems"]}
        known |= {each["slug"] for each in gavel.fetch("/admin/problems")["problems"]}
        missing = [each["slug"] for each in body["problems"] if each["slug"] not in known]
        if missing:
            raise click.UsageError(f"there is no problem {missing[0]!r}: add its package first.")
        print_line(f"{body['slug']}  {len(body['problems'])} problems, {len(files.members)} members")
        if dry_run:
            return
        _make_accounts(gavel, files.accounts)
        made = gavel.send("POST", "/events", body)["slug"]
        for start in range(0, len(files.members), _MEMBERS_AT_ONCE):
            part = files.members[start : start + _MEMBERS_AT_ONCE]
            gavel.send("POST", f"/events/{made}/members", {"members": [_member_body(each) for each in part]})


@command.command("import-feed")
@click.argument("source")
@click.option("--slug", help="The event's slug. Default: the contest's id.")
@click.option(
    "--visibility", type=click.Choice(["public", "jury"]), default="jury", help="Who sees the event."
)
@click.option("--user", metavar="NAME:PASSWORD", help="Sign in as this user, if SOURCE is an address.")
@server_options
def import_feed(
    server: ServerOptions, source: str, slug: str | None, visibility: str, user: str | None
) -> None:
    """Make an event from a past contest: from the event feed in the file SOURCE, or from the contest at the
    address SOURCE (https://host/api/contests/ID) of another system's CLICS API.

    The standings are computed here. What cannot be used is left out and listed.
    """
    content = _feed_of(source, user) if source.startswith(("http://", "https://")) else _file_of(source)
    query = urlencode({"visibility": visibility, **({"slug": slug} if slug else {})})
    with server.connect(default_account="admin") as gavel:
        made = gavel.send_file(f"/events/import?{query}", "event-feed.ndjson", without_runs(content))
    for note in made["notes"]:
        print_line(f"left out: {note}", err=True)
    print_line(
        f"{made['slug']}  {made['problems']} problems, {made['members']} members, "
        f"{made['submissions']} submissions"
    )


def _file_of(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{source} cannot be read: {error.strerror}") from error


def _feed_of(address: str, user: str | None) -> bytes:
    name, _, password = (user or "").partition(":")
    try:
        answer = requests.get(
            f"{address.rstrip('/')}/event-feed?stream=false",
            auth=HTTPBasicAuth(name.encode(), password.encode()) if user else None,
            timeout=_FEED_SECONDS,
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        raise click.ClickException(written_out(f"{address} does not give its event feed: {error}")) from error
    return answer.content


def without_runs(content: bytes) -> bytes:
    """The feed without the lines of single tests, which are most of it and are not used."""
    lines = content.splitlines(keepends=True)
    return b"".join(line for line in lines if b'"runs"' not in line[:200])


def _member_body(member: ContestMember) -> dict[str, Any]:
    return {
        "name": member.name,
        "accounts": list(member.accounts),
        "category": member.category.value,
        "affiliation": member.affiliation,
        "external_id": member.external_id,
    }


def _make_accounts(gavel: Gavel, names: list[str]) -> None:
    """Make the accounts that do not exist, and print their passwords."""
    missing = [name for name in names if not has_account(gavel, name)]
    if not missing:
        return
    sheet = gavel.send_file("/admin/accounts/import", "accounts.csv", "\n".join(["name", *missing]).encode())
    if sheet["faults"]:
        fault = sheet["faults"][0]
        raise click.ClickException(written_out(f"{missing[max(0, fault['line'] - 2)]}: {fault['message']}"))
    for account in sheet["accounts"]:
        print_line(f"  account {account['name']}  password {account['password']}")


def has_account(gavel: Gavel, name: str) -> bool:
    """Whether there is an account of this name. The search also finds longer names, so the name may be on a
    later page."""
    after: dict[str, Any] = {}
    while found := gavel.fetch("/admin/accounts", {"search": name, **after})["accounts"]:
        if any(each["name"].lower() == name.lower() for each in found):
            return True
        after = {"after": found[-1]["name"]}
    return False


@command.command("standings")
@click.argument("slug")
@click.option("--public", is_flag=True, help="Show the standings as the public sees them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def standings(server: ServerOptions, slug: str, public: bool, as_json: bool) -> None:
    """Show the standings of the event SLUG."""
    with server.connect(default_account="admin") as gavel:
        found = gavel.fetch(f"/events/{slug}/standings", {"public": "true"} if public else None)
    if as_json:
        show_json(found)
        return
    labels = [each["label"] for each in found["problems"]]
    heads = ("rank", "name", "points", "penalty", *labels)
    title = f"{slug}, {found['phase']}{', results held back from the public' if found['frozen'] else ''}"
    show_table(title, heads, [_row(row) for row in found["rows"]])


@command.command("export")
@click.argument("slug")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="File to write; standard output by default."
)
@server_options
def export(server: ServerOptions, slug: str, output: Path | None) -> None:
    """Write the jury's standings of the event SLUG as CSV."""
    with server.connect(default_account="admin") as gavel:
        content = gavel.fetch_bytes(f"/events/{slug}/standings.csv")
    if output is None:
        print_content(content)
    else:
        output.write_bytes(content)
        print_line(f"written to {output}")


def _set_paused(server: ServerOptions, slug: str, paused: bool) -> dict[str, Any]:
    with server.connect(default_account="admin") as gavel:
        found: dict[str, Any] = gavel.send("PUT", f"/events/{slug}/pause", {"paused": paused})
    return found


@command.command("pause")
@click.argument("slug")
@server_options
def pause(server: ServerOptions, slug: str) -> None:
    """Stop the clock of the event SLUG. Its members cannot submit until it is resumed."""
    found = _set_paused(server, slug, True)
    print_line(f"{slug} has been paused since {found['paused_at']}; `gavel events resume {slug}` resumes it")


@command.command("resume")
@click.argument("slug")
@server_options
def resume(server: ServerOptions, slug: str) -> None:
    """Resume the paused event SLUG. It ends later, by the length of the pause."""
    found = _set_paused(server, slug, False)
    print_line(f"{slug} is resumed and ends at {found['ends_at']}")


@command.command("service")
@click.argument("slug")
@click.option(
    "--class", "kind", type=click.Choice(["practice", "contest"]), help="The event's class of service."
)
@click.option("--tier", help="The tier whose workers judge the event; `own`: the tier of each account.")
@server_options
def service(server: ServerOptions, slug: str, kind: str | None, tier: str | None) -> None:
    """Set the class of service of the event SLUG. This needs an administrator."""
    body: dict[str, Any] = {"service_class": kind} if kind else {}
    if tier:
        body["service_tier"] = None if tier == "own" else tier
    if not body:
        raise click.UsageError("nothing to change: give --class or --tier.")
    with server.connect(default_account="admin") as gavel:
        found = gavel.send("PATCH", f"/events/{slug}", body)
    print_line(
        f"{slug}: {found['service_class']}, judged by {found['service_tier'] or 'each account’s tier'}"
    )


@command.command("recompute")
@click.argument("slug")
@server_options
def recompute(server: ServerOptions, slug: str) -> None:
    """Compare the results of the event SLUG with the recorded submissions, and write the results again."""
    with server.connect(default_account="admin") as gavel:
        print_line(gavel.send("POST", f"/events/{slug}/recompute", {})["done"])


def _row(row: dict[str, Any]) -> list[str]:
    rank = "" if row["rank"] is None else str(row["rank"])
    cells = [_cell(cell) for cell in row["cells"]]
    return [rank, row["name"], f"{row['points']:.12g}", str(row["penalty_seconds"] // 60), *cells]


def _cell(cell: dict[str, Any]) -> str:
    """A cell as on a scoreboard: the points (``-`` for none), the judged tries and the tries that are not
    judged yet."""
    if not cell["tries"] and not cell["pending"]:
        return ""
    sign = f"{cell['points']:.12g}" if cell["points"] else "-"
    pending = f" +{cell['pending']}?" if cell["pending"] else ""
    return f"{sign} ({cell['tries']}{pending})"


def _from_file(file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file} is no YAML: {error}") from error
    if not isinstance(found, dict):
        raise click.UsageError(f"{file} must have the fields of an event, such as slug and title.")
    try:
        return {str(name): _json_value(value) for name, value in found.items()}
    except RecursionError as error:
        raise click.UsageError(
            f"{file} has a value that contains itself, or is nested too deeply: write it without alias (*)."
        ) from error
    except ValueError as error:
        raise click.UsageError(
            f"{file} has a value that JSON does not have: {error}. Write a text or a number."
        ) from error


def _json_value(value: Any) -> Any:
    """The value as JSON has it. YAML reads times as dates, but the API takes them as text. Raises
    ``ValueError``."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).isoformat()
    if isinstance(value, list):
        return [_json_value(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _json_value(each) for name, each in value.items()}
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is of the type {type(value).__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return value


def _with_options(body: dict[str, Any], slug: str | None, given: dict[str, Any]) -> dict[str, Any]:
    names = {"title": "title", "start": "starts_at", "end": "ends_at", "visibility": "visibility"}
    options = {field: given[name] for name, field in names.items() if given[name]}
    body = {"starts_at": datetime.now(UTC).isoformat(), **body, **({"slug": slug} if slug else {}), **options}
    if given["problems"]:
        body["problems"] = [{"slug": each} for each in given["problems"]]
    rules = {"scoring": given["scoring"], "freeze_minutes": given["freeze"]}
    chosen = {name: value for name, value in rules.items() if value is not None}
    if chosen:
        rules_there = body.get("rules") or {}
        if not isinstance(rules_there, dict):
            raise click.UsageError("rules in the file must be a table, such as `rules: {scoring: ioi}`.")
        body["rules"] = {**rules_there, **chosen}
    body.setdefault("title", body.get("slug"))
    return body
