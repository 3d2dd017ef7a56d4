"""`gavel problems`: lists, uploads, imports, verifies and creates problem packages."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gavel_client import Gavel, WatchTimeout
from judge_api.cli.companion import companion
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.data_dir import data_option, errors_as_messages, existing_database, settings_for
from judge_api.cli.exec_module import exec_module
from judge_api.cli.open import write_problem_tasks
from judge_api.cli.output import print_line, show_json, show_table
from judge_api.cli.problem_export import export
from judge_api.cli.problem_import import import_command
from judge_api.cli.problem_life import COMMANDS, publish_version
from judge_api.cli.problem_stress import stress
from judge_api.cli.problem_template import KINDS, ProblemKind, write_template
from judge_api.services.object_packages import open_package_store
from judge_api.settings import Settings
from judge_api.store.problems import ProblemStore
from judge_core.packages import PackageStore, slug_for
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import FileList, list_files, repository_around
from judge_core.packages.package_store import write_zip

_TIME_LIMIT_SECONDS = 300.0


@click.group(name="problems")
def command() -> None:
    """List, add, import, verify and create problem packages in the ICPC/Kattis format."""


command.add_command(import_command)
command.add_command(export)
command.add_command(stress)
command.add_command(companion)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def list_problems(server: ServerOptions, as_json: bool) -> None:
    """List the problems."""
    with server.connect() as gavel:
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
        "not set yet" if seconds is None else f"{seconds:g} s",
    )


@command.command("add")
@click.argument("packages", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="The slug to add one package under, instead of its folder's or zip's name.")
@click.option("--publish", is_flag=True, help="Verify it on the server, and publish it if it passes.")
@server_options
def add(server: ServerOptions, packages: tuple[Path, ...], name: str | None, publish: bool) -> None:
    """Upload PACKAGES (folders or zips) as drafts, as an admin or author.

    Solvers do not see a draft, unless an event shows it. If the slug exists, the package becomes its new
    version. The published version stays until the new one is published.
    """
    if name is not None and len(packages) > 1:
        raise click.UsageError("--name is for one package: name one, or leave --name out.")
    with server.connect(default_account="admin") as gavel:
        passed = [_add_one(gavel, package, name, publish) for package in packages]
    if not all(passed):
        raise click.exceptions.Exit(1)


def _add_one(gavel: Gavel, package: Path, name: str | None, publish: bool) -> bool:
    """Add a package as a draft, and publish it on request. Returns False if its verification failed."""
    answer = upload(gavel, package, name)
    note = "" if answer.get("created", True) else "  (existed already)"
    print_line(f"{answer['slug']}  version {answer['version'][:12]}{note}")
    for warning in answer.get("warnings", ()):
        print_line(f"  warning: {_format_warning(warning)}", err=True)
    _print_time_limit(gavel, answer)
    if publish:
        return publish_version(gavel, answer["slug"], answer["version"])
    print_line(f"  a draft: gavel problems publish {answer['slug']} verifies and publishes it")
    return True


def _format_warning(warning: Mapping[str, Any]) -> str:
    """A warning in the format of the verification: file, line, key, message."""
    place = warning["file"] if warning.get("line") is None else f"{warning['file']}:{warning['line']}"
    key = f"{warning['key']}: " if warning.get("key") else ""
    return f"{place}: {key}{warning['message']}"


def _print_time_limit(gavel: Gavel, answer: Mapping[str, Any]) -> None:
    """If the package sets no time limit, wait until the server has found one, and print it."""
    run = answer.get("time_limit_run")
    if run is None:
        return
    print_line(
        "  the package sets no time limit: the server finds one from its accepted submissions ...", err=True
    )
    try:
        status = gavel.wait(run, _TIME_LIMIT_SECONDS)
    except WatchTimeout:
        print_line(f"  the time limit is not found yet; gavel status {run} shows when it is", err=True)
        return
    version = gavel.fetch(f"/admin/problems/{answer['slug']}/versions/{answer['version']}")
    seconds = version["limits"]["time"]
    if seconds is None:
        reason = status.reason or "no accepted submission could be judged"
        print_line(f"  no time limit was found: {reason}. gavel problems verify shows more", err=True)
    else:
        print_line(f"  time limit {seconds:g} s, from its accepted submissions")


def upload(gavel: Gavel, package: Path, name: str | None = None) -> dict[str, Any]:
    """Upload a zip, or pack a folder into a zip and upload it.

    If a folder's name is not a slug, a slug is made from it and printed.
    """
    if package.is_file():
        return gavel.add_problem(package, name, state="draft")
    slug = name or slug_for(package)
    if slug != package.resolve().name and name is None:
        print_line(f"{package.resolve().name!r} is no slug: added as {slug}; --name sets another", err=True)
    files = _files_of(package)
    with tempfile.TemporaryDirectory(prefix="gavel-package-") as place:
        archive = Path(place) / f"{slug}.zip"
        with archive.open("wb") as out:
            write_zip(files, slug, out)
        return gavel.add_problem(archive, state="draft")


def _files_of(folder: Path) -> FileList:
    """The package's files. What is left out is printed; a link that cannot be followed is an error."""
    faults = Diagnostics()
    files = list_files(folder, faults, repository_around(folder))
    files.warn(faults)
    if faults.errors:
        raise click.ClickException("\n".join([f"{folder} cannot be packed:", *map(str, faults.errors)]))
    for warning in faults.warnings:
        print_line(f"  warning: {warning}", err=True)
    return files


@command.command("suspend")
@click.argument("slug")
@click.option("--reason", default="by its author", show_default=True, help="Shown to contestants.")
@server_options
def suspend(server: ServerOptions, slug: str, reason: str) -> None:
    """Refuse submissions for the problem SLUG until it is resumed or gets a new version."""
    body = {"suspended": True, "reason": reason}
    with server.connect(default_account="admin") as gavel:
        print_line(gavel.send("PUT", f"/admin/problems/{slug}/suspension", body)["done"])


@command.command("resume")
@click.argument("slug")
@server_options
def resume(server: ServerOptions, slug: str) -> None:
    """Accept submissions for the suspended problem SLUG again."""
    with server.connect(default_account="admin") as gavel:
        print_line(gavel.send("PUT", f"/admin/problems/{slug}/suspension", {"suspended": False})["done"])


@command.command("open")
@click.argument("slug")
@server_options
def open_(server: ServerOptions, slug: str) -> None:
    """Write tasks of Visual Studio Code that submit and run a file for the problem SLUG.

    They are added to .vscode/tasks.json of this folder, as by `gavel open --vscode SLUG`.
    """
    write_problem_tasks(server, slug)


@command.command(
    "verify",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    short_help="Judge every bundled submission; fail when a verdict is not the expected one.",
)
@click.option("--all", "is_all", is_flag=True)
@data_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(is_all: bool, data: Path | None, arguments: tuple[str, ...]) -> None:
    """Judge the packages' submissions in a sandbox on this host, without a server."""
    if is_all:
        arguments = (*arguments, *_published(data, with_record="--record" not in arguments))
    exec_module("workers.verify.__main__", arguments)


def _published(data: Path | None, with_record: bool) -> list[str]:
    """The packages of the problems that are published here, and the record of their verdicts."""
    with errors_as_messages():
        settings = settings_for(data)
        with existing_database(settings) as engine:
            versions = {each.slug: each.version for each in ProblemStore(engine).list() if each.is_published}
        if not versions:
            raise click.ClickException(
                f"no problem is published in {settings.data}: name another data folder with --data"
            )
        packages = open_package_store(settings)
        found = [_package(packages, settings, slug, version) for slug, version in versions.items()]
    return [*(("--record", str(settings.data / "verdicts.json")) if with_record else ()), *map(str, found)]


def _package(packages: PackageStore, settings: Settings, slug: str, version: str) -> Path:
    """The file of a package. It is fetched from the bucket if the data folder does not have it. If the
    package is lost, the path has no file, so that ``verify`` fails for this package."""
    if (found := packages.path(version)) is not None:
        return found
    where = (
        f"{settings.packages} or {settings.object_storage}" if settings.object_storage else settings.packages
    )
    print_line(
        f"The package of {slug} is not in {where}: restore it from a backup, or add the problem again.",
        err=True,
    )
    return settings.packages / f"{version}.zip"


@command.command("visualize", short_help="Draw the tests of a package with its visualizers.")
@click.argument("package", type=click.Path(exists=True, path_type=Path))
@click.option("--test", help="Only tests with such a name; a pattern such as secret/0*.")
@click.option("--submission", help="Draw the outputs of this bundled submission, with the output visualizer.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="Write the pictures into this folder, not beside the tests.",
)
def visualize(package: Path, test: str | None, submission: str | None, into: Path | None) -> None:
    """Run the program in input_visualizer/ on each test, and write its picture beside the test.

    With --submission, run the submission, the output validator and the program in output_visualizer/.
    Everything runs in the sandbox of this host. No server is needed.
    """
    options = (("--test", test), ("--submission", submission), ("--into", into))
    words = [f"{name}={value}" for name, value in options if value is not None]
    exec_module("workers.verify.__main__", ("--visualize", str(package), *words))


@command.command("watch", short_help="Verify the changed parts of a package while you edit it.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def watch(folder: Path) -> None:
    """Verify the package in FOLDER, then each part again when it changes, until Ctrl-C.

    A changed submission is judged alone. After a change of the statement, the attachments or the generators,
    the statement is read again. Any other change verifies the whole package. No server is needed.
    """
    exec_module("workers.verify.__main__", ("--watch", str(folder)))


@command.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([each.value for each in ProblemKind]),
    help="The kind of problem; asked for on a terminal, else pass-fail.",
)
def new(folder: Path, kind: str | None) -> None:
    """Create a small, valid package in FOLDER as a starting point: a working example of its kind."""
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty.")
    chosen = ProblemKind(kind) if kind else _asked_kind() if sys.stdin.isatty() else ProblemKind.PASS_FAIL
    write_template(folder, chosen)
    print_line(f"{folder} is a complete package. Change it, then: gavel problems verify {folder}")


def _asked_kind() -> ProblemKind:
    """The kind that a person chooses by its number or name."""
    kinds = list(ProblemKind)
    for number, each in enumerate(kinds, 1):
        print_line(f"  {number}  {each.value:12} {KINDS[each]}")
    known = {str(number): each for number, each in enumerate(kinds, 1)} | {each.value: each for each in kinds}
    words = click.Choice(list(known))
    return known[click.prompt("Which kind", default="1", type=words, show_choices=False)]


for _command in COMMANDS:
    command.add_command(_command)
