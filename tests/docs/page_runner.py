"""Runs the commands of one page as a reader would: in one shell, in their order, in a new folder."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.docs.command_blocks import ROOT, Block

ADDRESS = "http://127.0.0.1:8000"
"""The address of the default server in the docs. It is replaced by that of the stack under test."""
SECONDS = 240
_NOT_LINKED = frozenset({".git", "build", "node_modules"})


class PageFailed(Exception):
    """A block ended with an error, or did not print the text that the page names."""


@dataclass(frozen=True, slots=True)
class PageRunner:
    """The folder in which a page's blocks run, their environment and the server's address."""

    folder: Path
    environment: Mapping[str, str]
    address: str

    def run(self, blocks: Iterable[Block]) -> int:
        """Run every block that is not marked as not run. Returns how many blocks of commands ran."""
        self._link_checkout()
        todo = [block for block in blocks if (block.is_command or block.file) and not block.skip_reason]
        commands = [block for block in todo if block.is_command]
        if commands:
            self._check(self._execute(todo), commands)
        return len(commands)

    def _link_checkout(self) -> None:
        for path in ROOT.iterdir():
            if path.name not in _NOT_LINKED:
                (self.folder / path.name).symlink_to(path)

    def _execute(self, blocks: list[Block]) -> tuple[int, str]:
        script = self.folder.parent / "page.sh"
        script.write_text("set -eu\n" + "".join(self._part(block) for block in blocks))
        process = subprocess.Popen(
            ["bash", str(script)],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            return -1, f"{output}\nnot done after {SECONDS} s"
        return process.returncode, output

    def _part(self, block: Block) -> str:
        text = block.text.replace(ADDRESS, self.address)
        if block.file:
            path = shlex.quote(block.file)
            return f"mkdir -p $(dirname {path})\n{_here(text, f'cat > {path}')}"
        mark = f"printf '\\n%s\\n' {shlex.quote(_mark(block))}\n"
        return mark + (_here(text, "python3 -") if block.language == "python" else text)

    def _check(self, result: tuple[int, str], blocks: list[Block]) -> None:
        code, output = result
        for block, following in zip(blocks, [*blocks[1:], None], strict=True):
            if _mark(block) not in output:
                raise PageFailed(f"{block.place}: did not begin\n{output}")
            printed = output.split(_mark(block), 1)[1]
            if following is not None and _mark(following) in printed:
                printed = printed.split(_mark(following), 1)[0]
            elif code != 0:
                raise PageFailed(f"{block.place}: ended with {code}:\n{block.text}\n--- printed:\n{printed}")
            for text in block.must_print:
                if text not in printed:
                    raise PageFailed(f"{block.place}: {text!r} was not printed, but:\n{printed}")


def _mark(block: Block) -> str:
    return f"=== {block.place} ==="


def _here(text: str, command: str) -> str:
    return f"{command} <<'END-OF-BLOCK'\n{text}END-OF-BLOCK\n"
