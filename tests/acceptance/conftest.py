"""Acceptance tests share two stacks. The first is for tests that only submit, the second for tests that end
processes. Other tests start their own stacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.app_fixture import RunningStack, clean_environment, small_stack
from tests.acceptance.published_clients import install_python_clients

HERE = Path(__file__).parent


# This must run before the hook that puts the tests of each file into one group.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process of a parallel run have all tests that use a shared stack."""
    for item in items:
        if not isinstance(item, pytest.Function) or HERE not in item.path.parents:
            continue
        if _takes_the_stack(item):
            item.add_marker(pytest.mark.xdist_group("acceptance"))
        elif "enduring" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("enduring"))


def _takes_the_stack(item: pytest.Function) -> bool:
    """Whether a test uses the shared stack, and not a fixture of the same name in its own file."""
    return "stack" in item.fixturenames and not hasattr(item.module, "stack")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    environment = clean_environment(GAVEL_GUEST_ACCOUNT="normal")  # for clients that send no key
    running = RunningStack(tmp_path_factory.mktemp("acceptance") / "data", environment)
    running.start()
    yield running
    assert running.stop() == 0, running.printed


@pytest.fixture(scope="session")
def enduring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A small stack. Each test must leave it with all its processes running."""
    running = small_stack(tmp_path_factory.mktemp("enduring") / "data")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def published_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the published clients."""
    return install_python_clients(tmp_path_factory.mktemp("pypi") / "venv")
