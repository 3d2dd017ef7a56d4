"""The tests run the seccomp programs as the kernel would. Each call gets the answer of its profile."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

import pytest

from sandbox.launcher import seccomp_compiler

Instruction = seccomp_compiler.Instruction
ARCHITECTURE = seccomp_compiler.ARCHITECTURES[platform.machine()]
ANSWERS = (
    seccomp_compiler.ALLOW,
    seccomp_compiler.EPERM,
    seccomp_compiler.NO_TERMINAL,
    seccomp_compiler.NOTHING,
)
ARGUMENTS = (0, 1, 2, 4, 12, 16, 36, 1034, 0x5401, 0x5412, 0o010000, 0o100644, 0x10000000, 0x7E020080)


def answer(code: list[Instruction], number: int, *arguments: int, machine: str = platform.machine()) -> int:
    """The program's answer to one system call of this architecture."""
    architecture = seccomp_compiler.ARCHITECTURES[machine]
    data = {seccomp_compiler.NUMBER: number, seccomp_compiler.ARCHITECTURE: architecture}
    data |= {
        seccomp_compiler.FIRST_ARGUMENT + 8 * at: value for at, value in enumerate((*arguments, 0, 0, 0, 0))
    }
    at, held = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        if operation == seccomp_compiler.RETURN:
            return value
        if operation == seccomp_compiler.LOAD:
            held = data[value]
        elif operation == seccomp_compiler.AND:
            held &= value
        elif operation == seccomp_compiler.JUMP:
            at += value
        else:
            at += yes if _holds(operation, held, value) else no


def _holds(operation: int, held: int, value: int) -> bool:
    return {
        seccomp_compiler.JUMP_EQUAL: held == value,
        seccomp_compiler.JUMP_GREATER: held >= value,
        seccomp_compiler.JUMP_SET: bool(held & value),
    }[operation]


@cache
def numbers() -> dict[str, int]:
    return seccomp_compiler.call_numbers()


def compiled(profile: str) -> list[Instruction]:
    return seccomp_compiler.compile_filter(
        seccomp_compiler.read_profile(profile), numbers(), platform.machine()
    )


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
def test_system_calls_of_a_profile_are_allowed_and_other_calls_return_enosys(profile: str) -> None:
    code, calls = compiled(profile), seccomp_compiler.read_profile(profile)
    known = {number: call for call, number in numbers().items()}
    for number in range(max(known) + 50):
        rule = calls.get(known.get(number, ""))
        if rule is None:
            assert answer(code, number) == seccomp_compiler.ENOSYS, known.get(number, number)
        elif not rule:
            assert answer(code, number) == seccomp_compiler.ALLOW, known[number]


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
def test_other_calls_of_a_profile_do_not_change_the_rule_of_a_call(profile: str) -> None:
    code, calls = compiled(profile), seccomp_compiler.read_profile(profile)
    for call, rule in calls.items():
        if rule and call in numbers():
            alone = seccomp_compiler.compile_filter({call: rule}, numbers(), platform.machine())
            for value in ARGUMENTS:
                asked = (numbers()[call], value, value, value, value)
                assert answer(code, *asked) == answer(alone, *asked), (call, value)
                assert answer(code, *asked) in ANSWERS


def test_a_system_call_of_another_abi_kills_the_process() -> None:
    code = compiled("native")
    assert answer(code, seccomp_compiler.X32 + numbers()["read"]) == seccomp_compiler.KILL
    assert code[:3] == [
        (seccomp_compiler.LOAD, 0, 0, seccomp_compiler.ARCHITECTURE),
        (seccomp_compiler.JUMP_EQUAL, 1, 0, ARCHITECTURE),
        (seccomp_compiler.RETURN, 0, 0, seccomp_compiler.KILL),
    ]


def test_every_call_of_a_profile_with_800_ranges_gets_the_right_answer() -> None:
    """Every second number is allowed, so there are far more ranges than a conditional jump can skip."""
    names = {f"call{number}": number for number in range(0, 1600, 2)}
    code = seccomp_compiler.compile_filter(dict.fromkeys(names, ""), names, platform.machine())
    assert [answer(code, number) == seccomp_compiler.ALLOW for number in range(1600)] == [True, False] * 800


@pytest.mark.parametrize(
    ("call", "right", "wrong"),
    [
        ("sendto", (9, 9, 9, 0x4000), (9, 9, 9, 0x4001)),
        ("sendmsg", (9, 9, 0x4000), (9, 9, 1)),
        ("setsockopt", (9, 1, 2), (9, 1, 26)),
        ("prlimit64", (0, 3), (1, 3)),
        ("kill", (5, 9), (5, 19)),
        ("tkill", (5, 15), (5, 20)),
        ("tgkill", (5, 5, 6), (5, 5, 19)),
        ("rt_sigqueueinfo", (5, 10), (5, 22)),
        ("setpriority", (0, 0, 5), (0, 1, 5)),
        ("setpriority", (0, 0, 5), (1, 0, 5)),
    ],
)
def test_a_rule_compares_the_argument_that_its_text_names(
    call: str, right: tuple[int, ...], wrong: tuple[int, ...]
) -> None:
    code = compiled("python")
    assert answer(code, numbers()[call], *right) == seccomp_compiler.ALLOW
    assert answer(code, numbers()[call], *wrong) == seccomp_compiler.EPERM


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("ioctl", (1, 0x5421), seccomp_compiler.NOTHING),
        ("ioctl", (2, 0x5421), seccomp_compiler.NOTHING),
        ("ioctl", (0, 0x5421), seccomp_compiler.ALLOW),
        ("ioctl", (7, 0x5421), seccomp_compiler.ALLOW),
        ("ioctl", (1, 0x541B), seccomp_compiler.ALLOW),
        ("ioctl", (1, 0x5412), seccomp_compiler.EPERM),
        ("fcntl", (1, 4, 0x801), seccomp_compiler.NOTHING),
        ("fcntl", (2, 4, 0x801), seccomp_compiler.NOTHING),
        ("fcntl", (1, 4, 0x001), seccomp_compiler.ALLOW),
        ("fcntl", (0, 4, 0x801), seccomp_compiler.ALLOW),
        ("fcntl", (1, 3, 0x801), seccomp_compiler.ALLOW),
        ("fcntl", (1, 1031), seccomp_compiler.EPERM),
    ],
)
def test_a_program_cannot_make_stdout_or_stderr_non_blocking(
    profile: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    assert answer(compiled(profile), numbers()[call], *arguments) == expected


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
@pytest.mark.parametrize("question", [0x5401, 0x540F, 0x5413, 0x802C542A])
def test_no_file_of_a_program_is_a_terminal(profile: str, question: int) -> None:
    """The questions are the ``ioctl`` requests TCGETS, TIOCGPGRP, TIOCGWINSZ and TCGETS2."""
    assert answer(compiled(profile), numbers()["ioctl"], 5, question) == seccomp_compiler.NO_TERMINAL


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_program_cannot_open_a_file_with_o_direct(profile: str, machine: str) -> None:
    """The two architectures use each other's numbers for O_DIRECT and O_DIRECTORY."""
    calls = seccomp_compiler.read_profile(profile)
    code = seccomp_compiler.compile_filter(calls, numbers(), machine)
    direct, folder = (0x4000, 0x10000) if machine == "x86_64" else (0x10000, 0x4000)
    if "open" in numbers():  # arm64 has openat only
        assert answer(code, numbers()["open"], 0, direct, machine=machine) == seccomp_compiler.EPERM
        assert answer(code, numbers()["open"], 0, folder, machine=machine) == seccomp_compiler.ALLOW
    assert answer(code, numbers()["openat"], 0, 0, direct | 2, machine=machine) == seccomp_compiler.EPERM
    assert answer(code, numbers()["openat"], 0, direct, folder, machine=machine) == seccomp_compiler.ALLOW
    assert answer(code, numbers()["fcntl"], 5, 4, direct, machine=machine) == seccomp_compiler.NOTHING
    assert answer(code, numbers()["fcntl"], 5, 4, folder, machine=machine) == seccomp_compiler.ALLOW


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
@pytest.mark.parametrize("call", ["fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "fadvise64"])
def test_calls_that_would_write_to_the_host_s_disk_return_0_and_have_no_effect(
    profile: str, call: str
) -> None:
    assert answer(compiled(profile), numbers()[call], 3) == seccomp_compiler.NOTHING


@pytest.mark.parametrize("profile", ["jvm", "mono", "python", "compiler"])
def test_msync_with_ms_sync_returns_0_and_has_no_effect(profile: str) -> None:
    code, msync = compiled(profile), numbers()["msync"]
    assert answer(code, msync, 0, 4096, 4) == seccomp_compiler.NOTHING
    assert answer(code, msync, 0, 4096, 1) == seccomp_compiler.ALLOW


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
@pytest.mark.parametrize("advice", [12, 20, 21, 25, 100, 101])
def test_madvise_calls_that_affect_other_processes_pages_are_refused(profile: str, advice: int) -> None:
    code, madvise = compiled(profile), numbers()["madvise"]
    assert answer(code, madvise, 0, 4096, advice) == seccomp_compiler.EPERM
    assert answer(code, madvise, 0, 4096, 4) == seccomp_compiler.ALLOW


ARM64_HEADERS = """#define __NR_openat 56
#define __NR_mmap __NR3264_mmap
#define __NR3264_mmap 222
#define __NR_newfstatat __NR3264_fstatat
#define __NR3264_fstatat 79
#define __NR_syscall_base __OTHER_BASE
"""
"""Lines of ``gcc -E -dM`` for arm64, which defines some calls by another name."""


def test_a_call_that_arm64_s_headers_define_by_another_name_has_its_number(tmp_path: Path) -> None:
    compiler = tmp_path / "compiler"
    compiler.write_text(f"#!/bin/sh\ncat <<'END'\n{ARM64_HEADERS}END\n")
    compiler.chmod(0o755)
    assert seccomp_compiler.call_numbers(str(compiler)) == {"openat": 56, "mmap": 222, "newfstatat": 79}
