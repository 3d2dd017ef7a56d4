"""Prints which blocks ran, and the reason for each block that did not run."""

from __future__ import annotations

import pytest

from tests.docs.command_blocks import pages, read_blocks


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    commands = [block for page in pages() for block in read_blocks(page) if block.is_command]
    skipped = [block for block in commands if block.skip_reason]
    terminalreporter.section("commands of the documentation")
    for block in skipped:
        terminalreporter.write_line(f"{block.place}: not run here: {block.skip_reason}")
    terminalreporter.write_line(
        f"{len(commands) - len(skipped)} blocks of commands are run, {len(skipped)} are not run here."
    )
