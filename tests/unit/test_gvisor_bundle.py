"""The limits of a box are written in gVisor's own format."""

from __future__ import annotations

from sandbox.api import Command, Limits
from sandbox.backends.gvisor_bundle import _rlimits


def limits_of(limits: Limits) -> dict[str, int]:
    return {each["type"]: each["hard"] for each in _rlimits(Command(("true",), limits))}


def test_the_gvisor_bundle_has_the_limits_of_a_single_process() -> None:
    found = limits_of(Limits(10, 20, 1 << 28, process_cpu_seconds=1.5, process_address_bytes=1 << 26))
    assert (found["RLIMIT_CPU"], found["RLIMIT_AS"]) == (2, 1 << 26)


def test_without_limits_of_a_single_process_the_bundle_has_the_time_limit_of_the_run() -> None:
    found = limits_of(Limits(10, 20, 1 << 28))
    assert (found["RLIMIT_CPU"], found["RLIMIT_AS"]) == (11, found["RLIMIT_STACK"])
