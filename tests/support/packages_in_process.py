"""Reads packages in the process of the test, because a child process takes 0.35 s more for each.

``tests/unit/test_costly_packages.py`` and ``test_costly_statements.py`` use the child processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judge_core.packages import bounded_store
from judge_core.packages.statements import bounded_render
from judge_core.packages.statements.bounded_child import ChildLimits, run_child
from judge_core.packages.statements.render import StatementInput, render


@contextmanager
def packages_in_process() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounded_store, "run_child", _answer)
        patch.setattr(bounded_render, "run_child", _render)
        yield


def _answer(command: list[str], content: bytes, limits: ChildLimits, scratch: Path) -> bytes:
    request = json.loads(content)
    if request["languages"]:  # in this process these languages would stay defined
        return run_child(command, content, limits, scratch)
    return json.dumps(bounded_store._answer(request)).encode()


def _render(command: list[str], content: bytes, limits: ChildLimits) -> bytes:
    given = json.loads(content)
    return bounded_render._dump(render(StatementInput(**{**given, "folder": Path(given["folder"])})))
