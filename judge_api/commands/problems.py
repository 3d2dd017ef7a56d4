"""`gavel problems`: what can be solved here, and whether its packages keep their word."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from judge_api.catalog.packages import BrokenPackage, inspect_package
from judge_api.catalog.packages.library import write_zip
from judge_api.client import Gavel
from judge_api.commands.connection import Caller, server_options
from judge_api.commands.showing import show_json, show_table
from judge_api.commands.skeleton import lay_out
from judge_api.commands.verifying import Finding, verify_package
from judge_api.supervisor.errors import CannotStart
from judge_api.supervisor.guest_house import guest_house

FOLDERS = click.Path(exists=True, file_okay=False, path_type=Path)


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
        show_table(
            "problems", ("slug", "name"), [(p["slug"], p.get("name") or p.get("title")) for p in found]
        )


@command.command("add")
@click.argument("packages", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@server_options
def add(caller: Caller, packages: tuple[Path, ...]) -> None:
    """Upload PACKAGES (folders or zips), as an admin or author. The same slug again is a new version."""
    with caller.connect(usual="admin") as gavel:
        for package in packages:
            answer = upload(gavel, package)
            click.echo(f"{answer['slug']}  version {answer['version'][:12]}")


def upload(gavel: Gavel, package: Path) -> dict[str, str]:
    if package.is_file():
        return gavel.add_problem(package)
    with tempfile.TemporaryDirectory(prefix="gavel-package-") as place:
        slug = package.resolve().name
        archive = Path(place) / f"{slug}.zip"
        with archive.open("wb") as out:
            write_zip(package, slug, out)
        return gavel.add_problem(archive)


@command.command("verify")
@click.argument("folders", nargs=-1, required=True, type=FOLDERS)
@click.option("--here", is_flag=True, help="On the running server (the package is put on offer there).")
@server_options
def verify(caller: Caller, folders: tuple[Path, ...], here: bool) -> None:
    """Judge every bundled submission of FOLDERS; fail when a verdict is not its folder's.

    Without --here a temporary server is started for it, with its own data folder, and ended after.
    """
    packages = [folder for folder in folders if (folder / "problem.yaml").is_file()]
    if not packages:
        raise click.UsageError("none of these folders is a problem package (there is no problem.yaml).")
    _refuse_broken(packages)
    if here:
        with caller.connect(usual="admin") as gavel:
            findings = [f for package in packages for f in _verify(gavel, package)]
    else:
        findings = _verify_in_guest_house(packages)
    wrong = [finding for finding in findings if finding.is_wrong]
    skipped = sum(1 for finding in findings if finding.skipped)
    click.echo(f"{len(findings)} submissions: {len(wrong)} not as expected, {skipped} skipped.")
    raise SystemExit(1 if wrong else 0)


def _refuse_broken(packages: list[Path]) -> None:
    faults = []
    for package in packages:
        try:
            inspect_package(package)
        except BrokenPackage as error:
            faults.append(f"{package.name}: {error}")
    if faults:
        raise click.ClickException("\n".join(faults))


def _verify_in_guest_house(packages: list[Path]) -> list[Finding]:
    environment = {**os.environ, "GAVEL_MAX_UNFINISHED": "200"}
    for name in ("GAVEL_REDIS_URL", "GAVEL_DATABASE_URL", "GAVEL_DATA", "GAVEL_PORT", "GAVEL_HOST"):
        environment.pop(name, None)
    click.echo("Starting a temporary server ...")
    try:
        with (
            guest_house(environment) as house,
            Gavel(house.url, house.accounts["admin"].key) as gavel,
        ):
            return [finding for package in packages for finding in _verify(gavel, package)]
    except CannotStart as error:
        raise click.ClickException(str(error)) from error


def _verify(gavel: Gavel, package: Path) -> list[Finding]:
    slug = upload(gavel, package)["slug"]
    click.echo(slug)
    findings = []
    for finding in verify_package(gavel, slug, package):
        findings.append(finding)
        click.echo(f"  {finding.line}")
    return findings


@command.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Start a package in FOLDER: a small one that verifies, to be changed into yours."""
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty.")
    lay_out(folder)
    click.echo(f"{folder} is a complete package. Change it, then: gavel problems verify {folder}")
