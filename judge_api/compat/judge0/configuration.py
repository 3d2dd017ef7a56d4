"""Judge0's limits. The same numbers are used to check requests and to answer ``/config_info``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from judge_api.webhooks.delivery_worker import TRIES
from judge_api.webhooks.http_sender import TIMEOUT_SECONDS
from judge_core.model.account import Quota

LARGEST_BATCH = 20
LONGEST_OPTION = 512
COMPILED = frozenset(
    (
        *("c17", "c17-clang", "cpp17", "cpp20-clang", "csharp", "go", "haskell", "java"),
        *("kotlin", "ocaml", "pascal", "rust", "scala", "typescript"),
    )
)


@dataclass(frozen=True, slots=True)
class NumericOption:
    """One number of a request: its default, its smallest and its largest value."""

    default: float
    least: float
    most: float

    def within(self, quota: float) -> NumericOption:
        """The same bounds, limited by an account's quota."""
        most = min(self.most, quota)
        return NumericOption(min(self.default, most), min(self.least, most), most)


def numeric_options(quota: Quota) -> dict[str, NumericOption]:
    """Judge0's bounds, limited to the quota of the account."""
    return {
        "cpu_time_limit": NumericOption(5.0, 0.0, 15.0).within(quota.run_cpu_seconds),
        "cpu_extra_time": NumericOption(1.0, 0.0, 5.0),
        "wall_time_limit": NumericOption(10.0, 1.0, 20.0).within(quota.run_wall_seconds),
        "memory_limit": NumericOption(128000, 2048, 512000).within(quota.run_memory_kb),
        "stack_limit": NumericOption(64000, 0, 128000),
        "max_processes_and_or_threads": NumericOption(60, 1, 120).within(quota.run_processes),
        "max_file_size": NumericOption(1024, 0, 4096).within(quota.run_output_kb),
        "number_of_runs": NumericOption(1, 1, 20).within(quota.run_repeat),
    }


def describe_config(quota: Quota, may_delete: bool = False) -> dict[str, Any]:
    """All 39 keys of ``/config_info``. Features that this server does not offer are off."""
    bounds = numeric_options(quota)
    switches = {**_switches(), "enable_submission_delete": may_delete}
    return {**_numbers(bounds), **switches, **_rest(quota, bounds)}


def _numbers(options: dict[str, NumericOption]) -> dict[str, float]:
    shown: dict[str, float] = {}
    for name, bound in options.items():
        shown[name] = as_number(name, bound.default)
        most = f"max_{name}"
        shown[most] = as_number(name, bound.most)
    return shown


def as_number(name: str, value: float) -> float:
    """A number as Judge0's JSON has it: times are fractions, all other numbers are whole."""
    return float(value) if name.endswith(("time", "time_limit")) else int(value)


def _switches() -> dict[str, bool]:
    on = (
        *("additional_files", "batched_submissions", "callbacks", "command_line_arguments"),
        *("compiler_options", "wait_result"),
    )
    off = (
        "network",
        "per_process_and_thread_memory_limit",
        "per_process_and_thread_time_limit",
    )
    refused = (
        "allow_enable_network",
        "maintenance_mode",
        "redirect_stderr_to_stdout",
        "use_docs_as_homepage",
    )
    allowed = ("per_process_and_thread_memory_limit", "per_process_and_thread_time_limit")
    return {
        **{f"allow_enable_{name}": True for name in allowed},
        **{f"enable_{name}": True for name in on},
        **{f"enable_{name}": False for name in off},
        **dict.fromkeys(refused, False),
    }


def _rest(quota: Quota, options: dict[str, NumericOption]) -> dict[str, Any]:
    return {
        "allowed_languages_for_compile_options": sorted(COMPILED),
        "callbacks_max_tries": TRIES,
        "callbacks_timeout": TIMEOUT_SECONDS,
        "max_extract_size": quota.run_bytes // 1024,
        "max_queue_size": quota.unfinished,
        "max_submission_batch_size": LARGEST_BATCH,
        "submission_cache_duration": 1.0,
    }
