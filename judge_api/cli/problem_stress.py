"""`gavel problems stress`: compares programs on random inputs, in a sandbox on this host."""

from __future__ import annotations

from pathlib import Path

import click

from judge_api.cli.exec_module import exec_module


@click.command(
    "stress", short_help="Compare solutions on a generator's inputs; stop at the first difference."
)
@click.argument("package", type=click.Path(exists=True, path_type=Path))
@click.option("--generator", help="A file, or one of generators/; needed if there are several.")
@click.option(
    "--argument",
    "-a",
    "arguments",
    multiple=True,
    help="An argument of the generator; the seed replaces {seed}, or is added last.",
)
@click.option("--reference", help="The reference program; the first of submissions/accepted if left out.")
@click.option(
    "--candidate",
    "candidates",
    multiple=True,
    help="A program to compare; the other accepted ones if left out.",
)
@click.option("--seed", default=1, show_default=True, help="The first seed.")
@click.option(
    "--runs", default=200, show_default=True, type=click.IntRange(1), help="The most inputs to try."
)
@click.option("--seconds", default=60.0, show_default=True, help="Stop after this many seconds.")
@click.option("--add", is_flag=True, help="Add a difference to the package's secret tests.")
def stress(
    package: Path, arguments: tuple[str, ...], candidates: tuple[str, ...], add: bool, **one: object
) -> None:
    """Run a generator's inputs through the reference, the candidates and the package's checker.

    It stops at the first difference: an input for which the checker accepts the reference's output and not a
    candidate's. It also stops at an input that a validator refuses, or on which the reference fails. If the
    package has input validators, the input of a difference is made smaller. Programs may be bundled
    submissions or files. No server is needed.
    """
    words = ["--stress", str(package)]
    for name, value in one.items():
        words += [f"--{name}", str(value)] if value is not None else []
    words += [f"--argument={each}" for each in arguments] + [f"--candidate={each}" for each in candidates]
    exec_module("workers.verify.__main__", (*words, *(["--add"] if add else [])))
