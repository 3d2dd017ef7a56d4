"""The limits of a box are written in gVisor's own format."""

from __future__ import annotations

from sandbox.api import Command, Limits
from sandbox.backends.gvisor_bundle import _rlimits


def limits_of(limits: Limits) -> dict[str, int]:
    return {each["type"]: each["hard"] for each in _rlimits(Command(("true",), limits))}


def test_the_limits_of_each_process_are_in_the_bundle() -> None:
    found = limits_of(Limits(10, 20, 1 << 28, process_cpu_seconds=1.5, process_address_bytes=1 << 26))
    assert (found["RLIMIT_CPU"], found["RLIMIT_AS"]) == (2, 1 << 26)


def test_without_such_limits_a_process_has_the_time_of_the_run_and_any_addresses() -> None:
    found = limits_of(Limits(10, 20, 1 << 28))
    assert (found["RLIMIT_CPU"], found["RLIMIT_AS"]) == (11, found["RLIMIT_STACK"])
