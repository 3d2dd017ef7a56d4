"""No garbage is collected while a process starts. Later, only objects made after the start are collected."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from judge_core.startup_objects import begin_start, freeze_startup_objects


class Cycle:
    """An object that only a garbage collection frees."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def collections_as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_garbage_collection_is_enabled_again_after_the_start() -> None:
    begin_start()
    assert not gc.isenabled()
    freeze_startup_objects()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_after_the_start_only_later_objects_are_garbage_collected() -> None:
    kept, freed = Cycle(), weakref.ref(Cycle())
    begin_start()
    freeze_startup_objects()
    assert freed() is None, "garbage of the start must be freed at its end"
    seen, later = weakref.ref(kept), weakref.ref(Cycle())
    del kept
    gc.collect()
    assert seen() is not None
    assert later() is None
