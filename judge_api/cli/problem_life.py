"""`gavel problems publish`, `hide`, `archive`, `delete`, ...: changes the state of a problem that was
added."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from gavel_client import Gavel
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line, show_json, show_table
from judge_core.packages.formats.export import ExportFormat

_POLL_SECONDS = 1.0


def publish_version(gavel: Gavel, slug: str, version: str) -> bool:
    """Verify a version on the server and publish it. False if the verification fails."""
    if not _verify(gavel, slug, version):
        return False
    _put_on_offer(gavel, slug, {"state": "published", "version": version})
    return True


def _put_on_offer(gavel: Gavel, slug: str, body: dict[str, Any]) -> None:
    answer = gavel.send("PUT", f"{_path(slug)}/state", body)
    print_line(answer["done"])
    if count := answer["to_rejudge"]:
        print_line(f"  judged with other tests: {count}. gavel rejudge --problem {slug} judges them again")


def _verify(gavel: Gavel, slug: str, version: str) -> bool:
    """Have the server judge the version's submissions, unless the version is verified already. Prints the
    faults."""
    known = next(one for one in gavel.fetch(_path(slug))["versions"] if one["version"] == version)
    if known["verified_at"] is not None:
        return True
    gavel.send("POST", f"{_path(slug)}/verify?version={version}")
    found = _wait(gavel, slug, version)
    for line in found["submissions"]:
        if line["outcome"] == "skipped":
            print_line(f"  not judged by the server: {line['name']}: {line['note']}", err=True)
    for fault in found["faults"]:
        print_line(f"  {fault}", err=True)
    if not found["passed"]:
        print_line(f"{slug}: version {version[:12]} is not published: its verification failed.", err=True)
    return bool(found["passed"])


def _wait(gavel: Gavel, slug: str, version: str) -> dict[str, Any]:
    """Follow a verification to its end, with a line for each submission that is judged."""
    shown: set[str] = set()
    while True:
        found: dict[str, Any] = gavel.fetch(f"{_path(slug)}/verification", {"version": version})
        for line in found["submissions"]:
            if line["verdict"] is not None and line["name"] not in shown:
                shown.add(line["name"])
                print_line(
                    f"  {line['name']}: {line['verdict']}, {line['outcome'].replace('_', ' ')}", err=True
                )
        if found["ended_at"] is not None:
            return found
        time.sleep(_POLL_SECONDS)


def _path(slug: str) -> str:
    return f"/admin/problems/{quote(slug, safe='')}"


@click.command("publish", short_help="Verify a version of SLUG on the server, and publish it if it passes.")
@click.argument("slug")
@click.option("--version", help="The version to publish; without it, the newest.")
@click.option("--unverified", is_flag=True, help="Publish it without verifying it.")
@server_options
def publish(server: ServerOptions, slug: str, version: str | None, unverified: bool) -> None:
    """Verify a version of SLUG, the newest by default, on the server, and publish it if it passes."""
    with server.connect(default_account="admin") as gavel:
        chosen = _full_version(gavel, slug, version)
        if unverified:
            _put_on_offer(gavel, slug, {"state": "published", "version": chosen, "unverified": True})
        elif not publish_version(gavel, slug, chosen):
            raise click.exceptions.Exit(1)


def _full_version(gavel: Gavel, slug: str, beginning: str | None) -> str:
    """The version whose hash begins with this text, or the newest version if there is no text."""
    problem = gavel.fetch(_path(slug))
    if beginning is None:
        return str(problem["newest"])
    found = [one["version"] for one in problem["versions"] if one["version"].startswith(beginning)]
    if len(found) != 1:
        why = "no version begins" if not found else "several versions begin"
        raise click.ClickException(
            f"{why} with {beginning!r}: gavel problems versions {slug} lists the versions."
        )
    return str(found[0])


@click.command("hide")
@click.argument("slug")
@server_options
def hide(server: ServerOptions, slug: str) -> None:
    """Make the published SLUG a draft again. Outside of events, only its authors and administrators see
    it."""
    _change_state(server, slug, "draft")


@click.command("archive")
@click.argument("slug")
@server_options
def archive(server: ServerOptions, slug: str) -> None:
    """Hide SLUG from solvers, and keep its submissions and versions. It can be published again."""
    _change_state(server, slug, "archived")


def _change_state(server: ServerOptions, slug: str, state: str) -> None:
    with server.connect(default_account="admin") as gavel:
        print_line(gavel.send("PUT", f"{_path(slug)}/state", {"state": state})["done"])


@click.command("delete")
@click.argument("slug")
@click.option("--keep-records", is_flag=True, help="Archive it instead if submissions refer to it.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@server_options
def delete(server: ServerOptions, slug: str, keep_records: bool, yes: bool) -> None:
    """Delete SLUG with all its versions. It is refused while submissions refer to it or an event uses it."""
    if not yes:
        click.confirm(f"Delete {slug} with all its versions?", abort=True)
    query = "?keep_records=true" if keep_records else ""
    with server.connect(default_account="admin") as gavel:
        print_line(gavel.send("DELETE", f"{_path(slug)}{query}")["done"])


@click.command("versions")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def versions(server: ServerOptions, slug: str, as_json: bool) -> None:
    """List the versions of SLUG, newest first, with what changed in each."""
    with server.connect(default_account="admin") as gavel:
        problem = gavel.fetch(_path(slug))
    if as_json:
        show_json(problem)
        return
    rows = [
        (one["version"][:12], one["added_at"][:16], _note(one), _changed(one)) for one in problem["versions"]
    ]
    show_table("versions", ("version", "added", "", "changed"), rows)


def _note(version: dict[str, Any]) -> str:
    notes = (("published", version["on_offer"]), ("verified", version["verified_at"]))
    return ", ".join(word for word, holds in notes if holds)


def _changed(version: dict[str, Any]) -> str:
    parts = [str(each["part"]) for each in version["changes"] or ()]
    limits = [f"{each['name']} {each['before']} → {each['after']}" for each in version["limits"]]
    return ", ".join([*parts, *limits])


@click.command("restore")
@click.argument("slug")
@click.argument("version")
@server_options
def restore(server: ServerOptions, slug: str, version: str) -> None:
    """Make VERSION of SLUG the newest again. Solvers get it if the problem is published."""
    with server.connect(default_account="admin") as gavel:
        chosen = _full_version(gavel, slug, version)
        answer = gavel.send("POST", f"{_path(slug)}/versions/{chosen}/restore")
    print_line(answer["done"])
    if count := answer["to_rejudge"]:
        print_line(f"  judged with other tests: {count}. gavel rejudge --problem {slug} judges them again")


def fetch_package(gavel: Gavel, slug: str, version: str | None) -> bytes:
    """The package of a version as workers get it. Without a version, the newest version's package."""
    return _fetch(gavel, slug, _full_version(gavel, slug, version), "served")


def _fetch(gavel: Gavel, slug: str, version: str, form: str) -> bytes:
    return gavel.fetch_bytes(f"{_path(slug)}/versions/{version}/package", {"form": form})


def _download(
    gavel: Gavel, slug: str, version: str, form: str, format: str | None
) -> tuple[bytes, list[str]]:
    """The package, and what the format cannot express."""
    if format is not None:
        return gavel.convert_problem(slug, version, format)
    return _fetch(gavel, slug, version, form), []


@click.command("download")
@click.argument("slug")
@click.option("--version", help="The version; without it, the newest.")
@click.option("--uploaded", is_flag=True, help="The file as it was uploaded, not as it is served.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice([each.value for each in ExportFormat]),
    help="Another judge's format; the server converts it.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The file to write; else SLUG.zip.")
@server_options
def download(
    server: ServerOptions,
    slug: str,
    version: str | None,
    uploaded: bool,
    format_name: str | None,
    output: Path | None,
) -> None:
    """Write the package of SLUG to a zip."""
    if uploaded and format_name is not None:
        raise click.UsageError("choose --uploaded or --format, not both")
    target = output or Path(f"{slug}.zip")
    with server.connect(default_account="admin") as gavel:
        chosen = _full_version(gavel, slug, version)
        content, notes = _download(gavel, slug, chosen, "uploaded" if uploaded else "served", format_name)
    # If everybody may write in this folder, another user may have made a link with this name to a file of
    # this user.
    if output is None and target.is_symlink():
        raise click.ClickException(f"{target} is a link: remove it, or name the file with --output")
    target.write_bytes(content)
    print_line(f"{target}: version {chosen[:12]}, {len(content)} bytes")
    for note in notes:
        print_line(f"  {note}")


@click.command("authors")
@click.argument("slug")
@click.option("--add", "added", multiple=True, metavar="NAME", help="Make an author a co-author.")
@click.option("--remove", "removed", multiple=True, metavar="NAME", help="Take a co-author's rights back.")
@server_options
def authors(server: ServerOptions, slug: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Show the owner and the co-authors of SLUG, after adding or removing some."""
    with server.connect(default_account="admin") as gavel:
        for method, names in (("PUT", added), ("DELETE", removed)):
            for name in names:
                path = f"{_path(slug)}/co-authors/{quote(name, safe='')}"
                print_line(gavel.send(method, path)["done"])
        problem = gavel.fetch(_path(slug))
    print_line(f"owner: {problem['owner'] or 'administrators'}")
    print_line(f"co-authors: {', '.join(problem['co_authors']) or 'none'}")


COMMANDS = (publish, hide, archive, delete, versions, restore, download, authors)
