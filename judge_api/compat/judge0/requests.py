"""Reads the body of a Judge0 submission and makes a run of it. Errors have Judge0's texts, by field."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from judge_api.compat.judge0.additional_files import (
    MULTI_FILE,
    multi_file_program,
    read_archive,
    with_source,
)
from judge_api.compat.judge0.configuration import COMPILED, LONGEST_OPTION, as_number, numeric_options
from judge_api.compat.judge0.language_ids import Edition
from judge_api.schemas.requests import storable
from judge_api.services.program_archive import UnusableArchive
from judge_api.services.submission_policy import PostedSubmission
from judge_core.messages import CustomRun, RunLimits
from judge_core.model.account import Quota
from judge_core.model.language import Language
from judge_core.model.program_files import ProgramFile, ProgramFiles
from judge_core.model.submission import Kind

Faults = dict[str, list[str]]
_TEXTS = ("source_code", "stdin", "expected_output")
_ECHOED = ("compiler_options", "command_line_arguments", "callback_url")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_DANGEROUS = re.compile(r"[$&;<>|`]")
_REFUSED = {
    "enable_network": "enabling network is not allowed",
}
_PER_PROCESS_TIME = "enable_per_process_and_thread_time_limit"
_PER_PROCESS_MEMORY = "enable_per_process_and_thread_memory_limit"


class InvalidSubmission(Exception):
    """The submission is refused; ``faults`` is the body of Judge0's 422."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class RequestReader:
    """Reads submissions of one edition within one quota.

    ``base64_encoded`` says how their texts are sent. ``catalog`` has the languages by id. ``available`` has
    the ids of those that run here now.
    """

    edition: Edition
    quota: Quota
    base64_encoded: bool
    catalog: Mapping[str, Language]
    available: frozenset[str] = frozenset()

    def read(self, body: Mapping[str, Any]) -> PostedSubmission:
        """The run that the body describes. Raises ``InvalidSubmission`` with every fault."""
        faults: Faults = {}
        texts = {name: self._text(name, body.get(name), faults) for name in _TEXTS}
        is_multi_file = _number(body.get("language_id")) == MULTI_FILE
        if not texts["source_code"] and "source_code" not in faults and not is_multi_file:
            faults["source_code"] = ["can't be blank"]
        language = "bash" if is_multi_file else self._language(body.get("language_id"), faults)
        files = self._additional_files(body.get("additional_files"), is_multi_file, faults)
        numbers = self._numbers(body, faults)
        options = _options(body, language, faults)
        _refuse_disabled(body, faults)
        if faults:
            raise InvalidSubmission(faults)
        run = CustomRun(
            cases=(),
            limits=_limits(body, numbers, self.quota),
            arguments=options["command_line_arguments"],
            compiler_arguments=options["compiler_options"],
            repeat=int(numbers["number_of_runs"]),
            merge_stderr=is_true(body.get("redirect_stderr_to_stdout")),
            remembered=_remembered(body, numbers),
            exact_lines=True,
        ).with_cases([(texts["stdin"] or b"", texts["expected_output"])])
        source, callback = (texts["source_code"] or b"").decode(), body.get("callback_url")
        program = self._program(source, language, files, is_multi_file)
        return PostedSubmission(
            language,
            "" if program else source,
            Kind.RUN,
            run=run,
            callback_url=str(callback) if callback else None,
            files=program,
        )

    def _additional_files(
        self, given: object, is_multi_file: bool, faults: Faults
    ) -> tuple[ProgramFile, ...]:
        """The files of the archive. It is always base64, even if ``base64_encoded`` is false."""
        if given is None or given == "":
            if is_multi_file:
                faults["additional_files"] = ["can't be blank"]
            return ()
        try:
            return read_archive(str(given), self.quota.run_bytes)
        except UnusableArchive as error:
            faults["additional_files"] = [str(error)]
            return ()

    def _program(
        self, source: str, language: str, files: tuple[ProgramFile, ...], is_multi_file: bool
    ) -> ProgramFiles | None:
        if not files:
            return None
        program = (
            multi_file_program(files) if is_multi_file else with_source(source, self.catalog[language], files)
        )
        if wrong := next(program.faults(()), None):
            raise InvalidSubmission({"additional_files": [wrong.message]})
        return program

    def _language(self, asked: object, faults: Faults) -> str:
        if asked is None or asked == "":
            faults["language_id"] = ["can't be blank"]
            return ""
        number = _number(asked)
        found = self.edition.language(int(number), self.available) if number is not None else None
        if found is None:
            faults["language_id"] = [f"language with id {str(asked)[:20]} doesn't exist"]
        return found or ""

    def _numbers(self, body: Mapping[str, Any], faults: Faults) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, bounds in numeric_options(self.quota).items():
            asked = body.get(name)
            number = bounds.default if asked is None or asked == "" else _number(asked)
            if number is None:
                faults[name] = ["is not a number"]
            elif number > bounds.most:
                faults[name] = [f"must be less than or equal to {as_number(name, bounds.most)}"]
            elif number < bounds.least:
                faults[name] = [f"must be greater than or equal to {as_number(name, bounds.least)}"]
            else:
                found[name] = number
        return found

    def _text(self, name: str, value: object, faults: Faults) -> bytes | None:
        if value is None:
            return None
        try:
            content = _from_base64(str(value)) if self.base64_encoded else _from_text(str(value))
            if name == "source_code":
                storable(content.decode())
        except UnicodeDecodeError:
            faults[name] = ["must be UTF-8 text"]
        except ValueError as error:
            faults[name] = [str(error)]
        else:
            return content
        return None


def _storable(name: str, text: str, faults: Faults) -> str:
    try:
        return storable(text)
    except ValueError as error:
        faults[name] = [str(error)]
        return ""


def is_true(value: object) -> bool:
    """Whether a flag in JSON, a form or a query is true: ``true``, ``1``, ``t``, ``yes`` or ``on``."""
    return str(value).lower() in ("true", "1", "t", "yes", "on")


def _from_text(text: str) -> bytes:
    """The bytes of a text. NUL is allowed. Raises ``ValueError`` for half a surrogate pair."""
    return text.encode() if "\x00" in text else storable(text).encode()


def _from_base64(text: str) -> bytes:
    """The bytes of a base64 text, decoded as leniently as Ruby's ``Base64.decode64`` does.

    Characters outside the alphabet are skipped, and padding may be missing. The URL-safe alphabet is accepted
    too.
    """
    letters = _NO_BASE64.sub("", text.partition("=")[0].replace("-", "+").replace("_", "/"))
    whole = len(letters) - (len(letters) % 4 == 1)
    return base64.b64decode(letters[:whole] + "=" * (-whole % 4))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e12 else None


def _options(body: Mapping[str, Any], language: str, faults: Faults) -> dict[str, tuple[str, ...]]:
    found = {name: _words(name, body, faults) for name in ("compiler_options", "command_line_arguments")}
    if found["compiler_options"] and language and language not in COMPILED:
        allowed = ", ".join(sorted(COMPILED))
        faults["compiler_options"] = [f"setting compiler options is only allowed for {allowed}"]
    return found


def _words(name: str, body: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    text = str(body.get(name) or "")
    if len(text) > LONGEST_OPTION:
        faults[name] = [f"is too long (maximum is {LONGEST_OPTION} characters)"]
        return ()
    try:
        return tuple(shlex.split(_DANGEROUS.sub("", _storable(name, text, faults))))
    except ValueError:
        faults[name] = ["has a quotation that is not closed"]
        return ()


def _refuse_disabled(body: Mapping[str, Any], faults: Faults) -> None:
    for name, why in _REFUSED.items():
        value = body.get(name)
        if value and (not name.startswith("enable_") or is_true(value)):
            faults[name] = [why]


def _limits(body: Mapping[str, Any], numbers: Mapping[str, float], quota: Quota) -> RunLimits:
    """The limits of a run.

    By default, the limit of processes is that of the language, and the stack has no limit, because some
    runtimes need more than Judge0's default. As in Judge0, zero means no limit. The program then gets the
    largest CPU time or output of the account, or a stack without a limit. If a limit applies to each process,
    all processes together may use the largest limit of the account.
    """
    bounds = numeric_options(quota)
    asked = {name: numbers[name] for name in numbers if body.get(name) not in (None, "")}
    processes, stack = asked.get("max_processes_and_or_threads"), asked.get("stack_limit")
    if processes is None and _number(body.get("language_id")) == MULTI_FILE:
        # The scripts of a multi-file program may start any compiler, so the language's own number does not
        # apply.
        processes = numbers["max_processes_and_or_threads"]
    cpu = max(numbers["cpu_time_limit"] or bounds["cpu_time_limit"].most, 0.01)
    memory = int(numbers["memory_limit"])
    each_time, each_memory = is_true(body.get(_PER_PROCESS_TIME)), is_true(body.get(_PER_PROCESS_MEMORY))
    return RunLimits(
        cpu_seconds=bounds["cpu_time_limit"].most if each_time else cpu,
        wall_seconds=numbers["wall_time_limit"],
        memory_kb=int(bounds["memory_limit"].most) if each_memory else memory,
        process_cpu_seconds=cpu if each_time else None,
        process_memory_kb=memory if each_memory else None,
        output_kb=max(int(numbers["max_file_size"] or bounds["max_file_size"].most), 1),
        processes=int(processes) if processes is not None else None,
        stack_kb=max(int(stack), 64) if stack else None,
    )


def _remembered(body: Mapping[str, Any], numbers: Mapping[str, float]) -> dict[str, Any]:
    """The values that are stored only to answer ``fields=*``. Judging does not need them."""
    kept = {name: as_number(name, value) for name, value in numbers.items()}
    options = {name: body.get(name) or None for name in _ECHOED}
    flags = {name: is_true(body.get(name)) for name in (_PER_PROCESS_TIME, _PER_PROCESS_MEMORY)}
    return {"language_id": int(_number(body["language_id"]) or 0), **kept, **options, **flags}
