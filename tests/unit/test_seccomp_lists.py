"""The seccomp profiles include the calls that they need, no profile allows a forbidden call, and the doctor
prints the profiles."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys

import pytest

from sandbox.launcher import seccomp_compiler

NEVER = {
    "add_key", "bpf", "chroot", "clone3", "fanotify_init", "finit_module", "fsmount", "fsopen",
    "init_module", "inotify_init", "inotify_init1", "io_uring_enter", "io_uring_register",
    "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_load", "keyctl", "landlock_create_ruleset",
    "lsm_set_self_attr", "memfd_secret", "mount", "mount_setattr", "move_mount", "mq_open", "msgget",
    "name_to_handle_at", "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd",
    "pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace", "request_key",
    "fstatfs", "seccomp", "semget", "setns", "setuid", "shmget", "splice", "statfs", "swapon", "umount2",
    "unshare", "userfaultfd", "vmsplice",
}  # fmt: skip


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
def test_no_seccomp_profile_allows_a_forbidden_system_call(profile: str) -> None:
    assert not NEVER & set(seccomp_compiler.read_profile(profile))


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
def test_every_profile_includes_the_calls_of_native(profile: str) -> None:
    calls = seccomp_compiler.read_profile(profile)
    assert set(seccomp_compiler.read_profile("native")) <= set(calls)
    assert len(calls) < 185


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
def test_every_profile_refuses_sched_setaffinity(profile: str) -> None:
    assert seccomp_compiler.read_profile(profile)["sched_setaffinity"] == "refuse"


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
def test_only_the_compiler_profile_allows_file_locks(profile: str) -> None:
    calls = seccomp_compiler.read_profile(profile)
    locks = set(calls["fcntl"].partition(" & ")[0].removeprefix("cmd=").split("|")) & {
        "5",
        "6",
        "7",
        "36",
        "37",
        "38",
    }
    assert bool(locks) == ("flock" in calls) == (profile == "compiler")


def test_the_native_profile_allows_no_sockets_and_no_event_loops() -> None:
    native = set(seccomp_compiler.read_profile("native"))
    assert len(native) <= 130
    assert not native & {
        "socket",
        "socketpair",
        "epoll_create1",
        "eventfd2",
        "memfd_create",
        "mknod",
        "chown",
    }


SOCKET_CALLS = {
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recvfrom",
    "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socket", "socketpair",
}  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "allowed"),
    [("native", set()), ("go", set()), ("script", set()), ("compiler", {"socketpair", "recvfrom"})],
)
def test_of_the_socket_calls_a_compiler_may_use_only_socketpair_and_recvfrom(
    profile: str, allowed: set[str]
) -> None:
    assert SOCKET_CALLS & set(seccomp_compiler.read_profile(profile)) == allowed


REPLACED = {
    "access": "faccessat", "alarm": "setitimer", "chmod": "fchmodat", "chown": "fchownat", "creat": "openat",
    "dup2": "dup3", "epoll_create": "epoll_create1", "epoll_wait": "epoll_pwait", "fork": "clone",
    "futimesat": "utimensat", "getpgrp": "getpgid", "lchown": "fchownat", "link": "linkat",
    "lstat": "newfstatat", "mkdir": "mkdirat", "mknod": "mknodat", "open": "openat", "pause": "ppoll",
    "pipe": "pipe2", "poll": "ppoll", "readlink": "readlinkat", "rename": "renameat", "rmdir": "unlinkat",
    "select": "pselect6", "stat": "newfstatat", "symlink": "symlinkat", "time": "clock_gettime",
    "unlink": "unlinkat", "utime": "utimensat", "utimes": "utimensat", "vfork": "clone",
}  # fmt: skip
"""Calls that arm64 lacks, each with the call that the C library uses there."""


def test_every_name_in_a_seccomp_profile_is_a_system_call() -> None:
    known = set(seccomp_compiler.call_numbers())
    if platform.machine() == "aarch64":
        known |= {*REPLACED, "arch_prctl"}
    for profile in seccomp_compiler.profile_names():
        assert set(seccomp_compiler.read_profile(profile)) <= known, profile


@pytest.mark.parametrize("profile", seccomp_compiler.profile_names())
def test_what_arm64_uses_instead_of_an_allowed_call_is_allowed_too(profile: str) -> None:
    calls = set(seccomp_compiler.read_profile(profile))
    assert {REPLACED[call] for call in calls if call in REPLACED} <= calls


def show(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_doctor_prints_a_chosen_seccomp_profile_or_all_profiles() -> None:
    one = show("--seccomp", "go").stdout
    assert one.startswith("go: ")
    assert "    socket" not in one
    assert "    clone: none=0x7e020080\n" in one
    assert set(json.loads(show("--seccomp", "--json").stdout)) == set(seccomp_compiler.profile_names())


def test_for_an_unknown_profile_the_doctor_lists_the_known_profiles() -> None:
    refused = show("--seccomp", "nope")
    assert refused.returncode == 2
    known = refused.stderr.rpartition("(choose from ")[2]  # Python 3.13 prints the choices without quotes
    assert {"native", "python", "jvm"} <= set(re.findall(r"\w+", known))
