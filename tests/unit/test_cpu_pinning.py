"""A slot chooses a core by default or by its setting. Impossible settings are refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.cpu_pinning import choose_cores, core_of_slot, describe_pinning, usable_cores
from sandbox.errors import CannotIsolate
from sandbox.slot import SlotConfig
from workers.settings import WorkerSettings, WorkerSettingsError


def test_the_first_core_is_left_to_the_server_and_the_other_cores_are_assigned_to_slots() -> None:
    cores = (0, 1, 2, 3)
    assert [core_of_slot(slot, cores) for slot in range(5)] == [(1,), (2,), (3,), (), ()]


@pytest.mark.parametrize("cores", [(0,), (0, 1), (0, 1, 2)])
def test_on_a_small_machine_no_slot_is_pinned(cores: tuple[int, ...]) -> None:
    assert core_of_slot(0, cores) == ()


def test_a_configured_core_is_used_and_an_unknown_core_is_refused() -> None:
    mine = usable_cores()[-1]
    assert choose_cores(SlotConfig(0, (), Path(), cpus=(mine,)), 0).cpus == (mine,)
    assert choose_cores(SlotConfig(0, (), Path(), cpus=()), 0).cpus == ()
    with pytest.raises(CannotIsolate, match="this process may not use core 4000: choose from"):
        choose_cores(SlotConfig(0, (), Path(), cpus=(mine, 4000)), 0)


def test_the_list_of_usable_cores_has_every_core_once() -> None:
    assert sorted(usable_cores()) == sorted(os.sched_getaffinity(0))
    assert describe_pinning()


def read(cores: str, slot: int) -> tuple[int, ...] | None:
    env = {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CORES": cores, "GAVEL_SLOT": str(slot)}
    return WorkerSettings.from_env(env, "normal").cpus


def test_the_cores_in_the_setting_are_assigned_to_slots_in_turn() -> None:
    assert [read("2,4-5", slot) for slot in range(4)] == [(2,), (4,), (5,), (2,)]
    assert read("auto", 1) is None
    assert read("", 1) is None
    assert read("never", 1) == ()


@pytest.mark.parametrize("wrong", ["x", "3-1", "1,", "-2", "all"])
def test_the_error_of_a_wrong_core_setting_shows_valid_settings(wrong: str) -> None:
    with pytest.raises(WorkerSettingsError, match="wrong: use auto, never, or cores such as 2,3 or 2-5"):
        read(wrong, 0)
