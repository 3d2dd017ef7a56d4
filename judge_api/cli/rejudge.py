"""`gavel rejudge`: after a problem's tests were wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import click

from gavel_client.admin import AdminClient, RejudgedSubmission
from judge_api.cli.connection import Caller, server_options
from judge_api.cli.output import show_json, show_table


@click.command(name="rejudge")
@click.option("--problem", "-p", help="Its submissions that the present tests have not judged.")
@click.option("--all", "all_of_them", is_flag=True, help="With --problem: also those that they have judged.")
@click.option("--submission", "-s", help="This one only.")
@click.option(
    "--wait",
    "seconds",
    type=click.FloatRange(0),
    default=3600.0,
    show_default=True,
    help="Seconds to wait for the new verdicts; 0: do not wait.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(
    caller: Caller,
    problem: str | None,
    all_of_them: bool,
    submission: str | None,
    seconds: float,
    as_json: bool,
) -> None:
    """Judge again, behind all live work, and show each verdict before and after; for admins.

    A verdict stands until the new one is there. The same command again begins nothing twice.
    """
    if (problem is None) == (submission is None):
        raise click.UsageError("name either --problem or --submission.")
    with caller.connect(usual="admin") as gavel:
        operations = AdminClient(gavel)
        begun = (
            list(operations.rejudge_problem(problem, all_of_them))
            if problem
            else [operations.rejudge(submission or "")]
        )
        after = operations.wait_for_verdicts([one.id for one in begun], seconds) if begun and seconds else {}
    show_json(_bodies(begun, after)) if as_json else _show(begun, after)


def _bodies(begun: Sequence[RejudgedSubmission], after: Mapping[str, str]) -> list[dict[str, str | None]]:
    return [
        {"id": one.id, "account": one.account, "before": one.before, "after": after.get(one.id)}
        for one in begun
    ]


def _show(begun: Sequence[RejudgedSubmission], after: Mapping[str, str]) -> None:
    if not begun:
        click.echo("Nothing to do: the present tests have judged them all, or are at it. --all judges again.")
        return
    rows = [(one.id, one.account, one.before, after.get(one.id, "…"), _mark(one, after)) for one in begun]
    show_table("rejudged", ("submission", "account", "before", "after", ""), rows)
    changes = Counter(f"{one.before} → {after[one.id]}" for one in begun if _mark(one, after))
    told = ", ".join(f"{change}: {count}" for change, count in changes.most_common()) or "no verdict changed"
    click.echo(f"{len(begun)} rejudged; {told}." if after else f"{len(begun)} wait to be judged again.")


def _mark(one: RejudgedSubmission, after: Mapping[str, str]) -> str:
    return "changed" if after.get(one.id, one.before) != one.before else ""
