"""`gavel rejudge`: judges submissions again, for example with corrected tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import click

from gavel_client.admin import AdminClient, RejudgedSubmission
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line, progress_of, show_json, show_table


@click.command(name="rejudge")
@click.option(
    "--problem", "-p", help="Submissions for this problem that were not judged with its present tests."
)
@click.option(
    "--all",
    "include_judged",
    is_flag=True,
    help="With --problem: also those that were judged with the present tests.",
)
@click.option("--submission", "-s", help="Only this submission.")
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
    server: ServerOptions,
    problem: str | None,
    include_judged: bool,
    submission: str | None,
    seconds: float,
    as_json: bool,
) -> None:
    """Judge submissions again, and show each verdict before and after; as an admin.

    The old verdict counts until the new one is recorded. New submissions are judged first. Without --all
    you may repeat the command: a submission that was judged with the present tests is not judged again.
    """
    if (problem is None) == (submission is None):
        raise click.UsageError("give either --problem or --submission.")
    with server.connect(default_account="admin") as gavel:
        admin = AdminClient(gavel)
        begun = (
            _rejudge_problem(admin, problem, include_judged) if problem else [admin.rejudge(submission or "")]
        )
        after = _wait(admin, begun, seconds) if begun and seconds else {}
    show_json(_bodies(begun, after)) if as_json else _show(begun, after)


def _rejudge_problem(admin: AdminClient, problem: str, include_judged: bool) -> list[RejudgedSubmission]:
    begun = []
    with progress_of("sending") as show:
        for one in admin.rejudge_problem(problem, include_judged):
            begun.append(one)
            show(len(begun))
    return begun


def _wait(admin: AdminClient, begun: Sequence[RejudgedSubmission], seconds: float) -> dict[str, str]:
    with progress_of("judging", len(begun)) as show:
        return admin.wait_for_verdicts([one.id for one in begun], seconds, show)


def _bodies(begun: Sequence[RejudgedSubmission], after: Mapping[str, str]) -> list[dict[str, str | None]]:
    return [
        {"id": one.id, "account": one.account, "before": one.before, "after": after.get(one.id)}
        for one in begun
    ]


def _show(begun: Sequence[RejudgedSubmission], after: Mapping[str, str]) -> None:
    if not begun:
        print_line(
            "Nothing to do: all were judged with the present tests, or are being judged. "
            "--all judges them again."
        )
        return
    rows = [(one.id, one.account, one.before, after.get(one.id, "…"), _mark(one, after)) for one in begun]
    show_table("rejudged", ("submission", "account", "before", "after", ""), rows)
    changes = Counter(f"{one.before} → {after[one.id]}" for one in begun if _mark(one, after))
    summary = (
        ", ".join(f"{change}: {count}" for change, count in changes.most_common()) or "no verdict changed"
    )
    print_line(f"{len(begun)} rejudged; {summary}." if after else f"{len(begun)} wait to be judged again.")


def _mark(one: RejudgedSubmission, after: Mapping[str, str]) -> str:
    return "changed" if after.get(one.id, one.before) != one.before else ""
