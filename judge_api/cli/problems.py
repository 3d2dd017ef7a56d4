"""`gavel problems`: what can be solved here, and whether its packages keep their word."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gavel_client import Gavel, WatchTimeout
from judge_api.cli.connection import Caller, server_options
from judge_api.cli.exec_module import become
from judge_api.cli.output import show_json, show_table
from judge_api.cli.problem_template import lay_out
from judge_core.packages.package_store import write_zip

_PATIENCE_SECONDS = 300.0


@click.group(name="problems")
def command() -> None:
    """Problem packages in the ICPC/Kattis format."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def list_problems(caller: Caller, as_json: bool) -> None:
    """The problems on offer."""
    with caller.connect() as gavel:
        found = gavel.problems()
    if as_json:
        show_json(found)
    else:
        show_table("problems", ("slug", "name", "difficulty", "time limit"), [_row(each) for each in found])


def _row(problem: dict[str, Any]) -> tuple[str, str, str, str]:
    seconds = problem.get("time_limit")
    name = problem.get("name") or problem.get("title") or ""
    return (
        problem["slug"],
        name,
        problem.get("difficulty") or "",
        "found when first judged" if seconds is None else f"{seconds:g} s",
    )


@command.command("add")
@click.argument("packages", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@server_options
def add(caller: Caller, packages: tuple[Path, ...]) -> None:
    """Upload PACKAGES (folders or zips), as an admin or author. The same slug again is a new version."""
    with caller.connect(usual="admin") as gavel:
        for package in packages:
            answer = upload(gavel, package)
            news = "" if answer.get("created", True) else "  (was on offer already)"
            click.echo(f"{answer['slug']}  version {answer['version'][:12]}{news}")
            for warning in answer.get("warnings", ()):
                click.echo(f"  warning: {_words(warning)}", err=True)
            _tell_time_limit(gavel, answer)
            if older := answer.get("to_rejudge"):
                click.echo(f"  other versions have judged {older}: gavel rejudge --problem {answer['slug']}")


def _words(fault: Mapping[str, Any]) -> str:
    """A warning as the verification prints it: file, line, key, and what is odd."""
    place = fault["file"] if fault.get("line") is None else f"{fault['file']}:{fault['line']}"
    return (
        f"{place}: {fault['key']}: {fault['message']}" if fault.get("key") else f"{place}: {fault['message']}"
    )


def _tell_time_limit(gavel: Gavel, answer: Mapping[str, Any]) -> None:
    """Wait for the limit of a package that names none; who does not want to wait may leave."""
    run = answer.get("time_limit_run")
    if run is None:
        return
    click.echo("  names no time limit: it is being found from the accepted submissions ...", err=True)
    try:
        status = gavel.wait(run, _PATIENCE_SECONDS)
    except WatchTimeout:
        click.echo(f"  not found yet; gavel status {run} tells when it is", err=True)
        return
    seconds = gavel.fetch(f"/problems/{answer['slug']}")["limits"]["time"]
    if seconds is None:
        said = status.reason or "no accepted submission could be judged"
        click.echo(f"  no time limit was found: {said}. gavel problems verify tells more", err=True)
    else:
        click.echo(f"  time limit {seconds:g} s, from its accepted submissions")


def upload(gavel: Gavel, package: Path) -> dict[str, Any]:
    if package.is_file():
        return gavel.add_problem(package)
    with tempfile.TemporaryDirectory(prefix="gavel-package-") as place:
        slug = package.resolve().name
        archive = Path(place) / f"{slug}.zip"
        with archive.open("wb") as out:
            write_zip(package, slug, out)
        return gavel.add_problem(archive)


@command.command(
    "verify",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    short_help="Judge every bundled submission; fail when a verdict is not its folder's.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Judge the packages' own submissions in a sandbox here; needs no running server."""
    become("workers.verify.__main__", arguments)


@command.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Start a package in FOLDER: a small one that verifies, to be changed into yours."""
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty.")
    lay_out(folder)
    click.echo(f"{folder} is a complete package. Change it, then: gavel problems verify {folder}")
