"""Prints the progress of `gavel up`, and at the end of the start-up the address, the keys and commands to
try."""

from __future__ import annotations

import json
import shlex
import sys
import time
from pathlib import Path
from typing import TextIO

import platformdirs

from judge_api.supervisor.data_folder import Credentials, DataFolder


class Console:
    """Prints lines with the seconds since the start. Several threads may print at once."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._started = time.monotonic()

    def progress(self, subject: str, sentence: str) -> None:
        """Print one line with the seconds, the process or part, and the sentence."""
        seconds = time.monotonic() - self._started
        self.print(f"[{seconds:7.2f} s] {subject:<17} {sentence}")

    def print(self, text: str) -> None:
        """Print text without changes. A closed pipe or a full disk is ignored."""
        try:
            self._out.write(text + "\n")
            self._out.flush()
        except (OSError, ValueError):
            pass


def format_summary(
    credentials: Credentials, folder: DataFolder, problem: str | None, sign_in: str | None
) -> str:
    """The address, the keys, and commands that can be pasted.

    The commands submit to ``problem``. Without a problem they run a program on an input. ``sign_in`` is a
    one-time link for the bundled administrator, if there is one.
    """
    accounts = credentials.accounts
    others = [use for use in ("premium", *accounts) if use in accounts and use not in ("normal", "admin")]
    other = others[0] if others else "normal"
    return _SUMMARY.format(
        url=credentials.url,
        credentials=folder.credentials,
        logs=folder.logs,
        normal=accounts["normal"].key,
        other=other,
        other_key=accounts[other].key,
        admin=accounts["admin"].name,
        sign_in=sign_in or "(no link: this account is disabled or gone, or the database does not answer)",
        route="submissions" if problem else "runs",
        choose_data=_choose_data(folder.root),
        work=json.dumps({"problem": problem} if problem else {"stdin": "20 22"}, allow_nan=False)[1:-1],
    )


def _choose_data(folder: Path) -> str:
    """The line with which commands in another terminal find the data folder. Empty for the default folder."""
    if folder == Path(platformdirs.user_data_dir("gavel")).absolute():
        return ""
    return f" In another terminal, first:\n\n  export GAVEL_DATA={shlex.quote(str(folder))}"


_SUMMARY = """
Gavel is up: {url}
  API documentation  {url}/docs
  keys and processes {credentials}
  logs               {logs}

Submit (normal queue), then ask for the verdict:

  curl -s {url}/{route} -H 'Authorization: Bearer {normal}' \\
    -H 'Content-Type: application/json' \\
    -d '{{{work}, "language": "python3", "source": "print(sum(map(int, input().split())))"}}'

  curl -s '{url}/status/ID?wait=10' -H 'Authorization: Bearer {normal}'

The same with the {other} key goes to the {other} queue:

  Authorization: Bearer {other_key}

Sign in to the pages as {admin}, once and within an hour (`gavel login-link {admin}` makes another link):

  {sign_in}

Commands such as `gavel problems add` find the key of {admin} on this machine by themselves.{choose_data}

Ctrl-C ends everything; the next start finds its data again.
"""
