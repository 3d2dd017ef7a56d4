"""``make test-docs`` checks that the commands of the documentation work as written. All pages share one
stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.acceptance.app_fixture import RunningStack, clean_environment
from tests.docs.command_blocks import ROOT, Block, pages, read_blocks
from tests.docs.page_runner import SECONDS, PageRunner

pytestmark = [pytest.mark.docs, pytest.mark.timeout(SECONDS + 60)]
_PAGES = {str(page.relative_to(ROOT)): list(read_blocks(page)) for page in pages()}


def _runs(blocks: list[Block]) -> bool:
    return any(block.is_command and not block.skip_reason for block in blocks)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path_factory.mktemp("docs") / "data")
    running.start()
    yield running
    assert running.stop() == 0, running.printed


@pytest.mark.parametrize("page", [name for name, blocks in _PAGES.items() if _runs(blocks)])
def test_the_commands_of_a_page_work_as_written(page: str, stack: RunningStack, tmp_path: Path) -> None:
    accounts = stack.credentials.accounts
    folder = tmp_path / "reader"
    folder.mkdir()
    environment = clean_environment(
        GAVEL_DATA=str(stack.data),
        HOME=str(tmp_path),
        COLUMNS="120",
        KEY=accounts["normal"].key,
        ADMIN_KEY=accounts["admin"].key,
        PATH=f"{ROOT / '.venv' / 'bin'}:{clean_environment()['PATH']}",
    )
    assert PageRunner(folder, environment, stack.credentials.url).run(_PAGES[page]) > 0


def test_the_reference_names_every_metric_of_a_running_server(stack: RunningStack) -> None:
    scraped = requests.get(f"{stack.credentials.url}/metrics", timeout=10).text
    families = set(re.findall(r"^# TYPE (\w+) ", scraped, re.MULTILINE))
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    assert families == set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))
