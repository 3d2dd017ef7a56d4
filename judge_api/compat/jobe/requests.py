"""Reads Jobe's run specification and makes a run of it. Errors have Jobe's texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from judge_api.compat.jobe.languages import DEFAULT_ARGUMENTS
from judge_api.services.submission_policy import PostedSubmission
from judge_core.messages import CustomRun, RunLimits
from judge_core.model.account import Quota
from judge_core.model.language import Language
from judge_core.model.program_files import ProgramFile, ProgramFiles
from judge_core.model.submission import Kind

FILE_ID = re.compile(r"[A-Za-z0-9]{8,64}")
_ILLEGAL = re.compile(r"[<>:\"/\\|?*\x00-\x1f\x7f\xa0\xad#\[\]@!$&'()+,;={}^~`]")
_FILE_NAME = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*")
_UNNAMED = ("prog.java", "NO_PUBLIC_CLASS_FOUND.java")
"""Names that CodeRunner sends if it does not know the class. The class name is then read from the source."""
_DEFAULT_SECONDS, _DEFAULT_MB, _PYTHON_MB, _DEFAULT_STREAM_MB = 5, 400, 1000, 2
_PAIR = (2, 3)


class JobError(Exception):
    """A request that Jobe refuses, with its status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def read_json(data: bytes) -> Any:
    """The body, or ``None`` if it is not JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class RunSpecification:
    """The fields of a run specification whose types have been checked."""

    source: str
    language: str
    file_name: str
    stdin: str
    files: Sequence[tuple[str, str]]
    parameters: Mapping[str, Any]


def read_specification(data: bytes) -> RunSpecification:
    """The run specification in a body. Raises ``JobError``."""
    body = read_json(data)
    if not isinstance(body, dict):
        raise JobError("Non-JSON post data received")
    run = body.get("run_spec")
    if not isinstance(run, dict):
        raise JobError("No run_spec attribute found in post data")
    for name in ("sourcecode", "language_id"):
        if not isinstance(run.get(name), str):
            raise JobError(f"run_spec is missing the required attribute '{name}'")
    parameters = run.get("parameters")
    return RunSpecification(
        source=run["sourcecode"],
        language=run["language_id"],
        file_name=_file_name(run.get("sourcefilename")),
        stdin=str(run.get("input") or ""),
        files=[_file(each) for each in _list(run.get("file_list"))],
        parameters=parameters if isinstance(parameters, dict) else {},
    )


def _file_name(given: object) -> str:
    if given is None or given in _UNNAMED:
        return ""
    name = str(given)
    if _ILLEGAL.search(name) or name != name.lstrip(".-"):
        raise JobError("The sourcefilename for the run_spec is illegal")
    return name


def _list(given: object) -> list[object]:
    if given is not None and not isinstance(given, list):
        raise JobError("The file_list of the run_spec must be a list")
    return given or []


def _file(given: object) -> tuple[str, str]:
    pair = given if isinstance(given, list) and len(given) in _PAIR else ["", ""]
    id, name = str(pair[0]), str(pair[1])
    if not (FILE_ID.fullmatch(id) and _FILE_NAME.fullmatch(name)):
        raise JobError(f"Invalid file specifier: {json.dumps(given)[:200]}")
    return id, name


def posted_run(
    given: RunSpecification, language: Language, quota: Quota, content_of: Callable[[str], bytes | None]
) -> PostedSubmission:
    """The run that a specification describes; ``content_of`` finds a file by its id. Raises ``JobError``."""
    run = CustomRun(
        cases=(),
        limits=_limits(given.parameters, language, quota),
        arguments=_words(given.parameters.get("runargs")),
        compiler_arguments=_compiler_arguments(given.parameters, language),
        exact_lines=True,
    ).with_cases([(_bytes(given.stdin), None)])
    posted = PostedSubmission(language.id, _bytes(given.source).decode(), Kind.RUN, run=run)
    return _with_files(posted, given, language, content_of) if given.files else posted


def _with_files(
    posted: PostedSubmission,
    given: RunSpecification,
    language: Language,
    content_of: Callable[[str], bytes | None],
) -> PostedSubmission:
    main = _source_name(given.file_name, language)
    files = [ProgramFile.of(main, posted.source.encode())]
    for id, name in given.files:
        content = content_of(id)
        if content is None:
            raise JobError("One or more of the specified files is missing/unavailable", 404)
        # If a file has the source's name, the source is used, as in Jobe, which writes the source last.
        if name != main:
            files.append(ProgramFile.of(name, content))
    return PostedSubmission(
        posted.language, "", posted.kind, run=posted.run, files=ProgramFiles(tuple(files), main)
    )


def _source_name(name: str, language: Language) -> str:
    """The source's name with an extension of its language. CodeRunner sends names such as
    ``__tester__.python3``."""
    stem, extension = PurePosixPath(name).stem, PurePosixPath(name).suffix
    if not stem:
        return language.main_name or language.source_name
    if extension in language.extensions or not language.extensions:
        return name
    return f"{stem}{language.extensions[0]}"


def _limits(parameters: Mapping[str, Any], language: Language, quota: Quota) -> RunLimits:
    """The limits, at most those of the account. Raises ``JobError`` for too much ``cputime``. A memory limit
    of 0 means the largest limit of the account."""
    seconds = _number(parameters, "cputime", _DEFAULT_SECONDS) or quota.run_cpu_seconds
    if seconds > quota.run_cpu_seconds:
        most = f"{quota.run_cpu_seconds:g}"
        raise JobError(f"cputime exceeds maximum allowed on this Jobe server ({most} secs)")
    default_mb = _PYTHON_MB if language.id == "python3" else _DEFAULT_MB
    memory_mb = 0 if language.id == "java" else _number(parameters, "memorylimit", default_mb)
    stream_mb = _number(parameters, "streamsize", _DEFAULT_STREAM_MB)
    processes = max(int(_number(parameters, "numprocs", 30)) + 1, language.processes)
    return RunLimits(
        cpu_seconds=seconds,
        wall_seconds=min(2 * seconds, quota.run_wall_seconds),
        memory_kb=min(max(int(memory_mb * 1000), 2048), quota.run_memory_kb)
        if memory_mb
        else quota.run_memory_kb,
        output_kb=min(max(int(stream_mb * 1000), 1), quota.run_output_kb),
        processes=min(processes, quota.run_processes),
    )


def _number(parameters: Mapping[str, Any], name: str, default: float) -> float:
    """A parameter as a number. If it is no number, Jobe uses the default, and so does this function."""
    try:
        value = float(parameters.get(name, default))
    except (TypeError, ValueError, OverflowError):
        return default
    return value if 0 <= value < 1e9 else default


def _compiler_arguments(parameters: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    """The arguments of a compiler. An interpreter gets none.

    Arguments in the request replace Jobe's defaults. The linker's arguments come last.
    """
    if language.keep_sources or not language.compile:
        return ()
    if "compileargs" not in parameters:
        given = DEFAULT_ARGUMENTS.get(language.id, ())
    else:
        given = _words(parameters["compileargs"])
    return (*given, *_words(parameters.get("linkargs")))


def _words(given: object) -> tuple[str, ...]:
    """The arguments as single words. Jobe gives each text to a shell, so one text may contain several
    words."""
    texts = given if isinstance(given, list) else []
    words = [word for text in texts[:32] for word in str(text)[:512].replace("\x00", "").split()]
    return tuple(_bytes(word).decode() for word in words[:32])


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
