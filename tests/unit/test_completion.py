"""A shell can complete the commands of `gavel`, with the completion of the library Click."""

from __future__ import annotations

import pytest
from click.shell_completion import BashComplete

from judge_api.__main__ import main


@pytest.mark.parametrize(
    ("words", "begun", "wanted"),
    [
        ([], "dr", ["drain"]),
        (["problems"], "ver", ["verify", "versions"]),
        (["rejudge"], "--pro", ["--problem"]),
    ],
)
def test_a_shell_can_complete_commands_and_options_of_gavel(
    words: list[str], begun: str, wanted: list[str]
) -> None:
    shell = BashComplete(main, {}, "gavel", "_GAVEL_COMPLETE")
    assert [each.value for each in shell.get_completions(words, begun)] == wanted
