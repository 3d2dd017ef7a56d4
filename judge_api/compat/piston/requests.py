"""Reads the body of ``/execute`` and makes a run of it. Errors have Piston's texts."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from werkzeug.datastructures import MultiDict

from judge_api.compat.piston.runtimes import Runtime, find
from judge_api.services.submission_policy import PostedSubmission
from judge_core.messages import CustomRun, RunLimits
from judge_core.model.account import Quota
from judge_core.model.language import Language
from judge_core.model.program_files import ProgramFile, ProgramFiles
from judge_core.model.submission import Kind

_DEFAULT_MS = 3000


class BadRequest(Exception):
    """Piston's 400. The text of the error is the ``message`` in the body."""


@dataclass(frozen=True, slots=True)
class GivenFile:
    """One file of a request. ``is_code`` says that it was sent as text. The first such file is the main
    one."""

    name: str
    content: bytes
    is_code: bool


def read_body(data: bytes, form: MultiDict[str, str]) -> Mapping[str, Any]:
    """The request's fields: JSON with any content type, or the fields of a form."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        body = _from_form(form)
    return body if isinstance(body, dict) else {}


def _from_form(form: MultiDict[str, str]) -> dict[str, Any]:
    """The fields of a form. A form has only texts: each of ``files`` is a source, and limits have their
    defaults."""
    known = {name: form[name] for name in ("language", "version", "stdin") if name in form}
    files = [{"content": source} for source in form.getlist("files")]
    return {**known, "files": files or None, "args": form.getlist("args")}


def read_execution(
    body: Mapping[str, Any], known: Sequence[Runtime], quota: Quota
) -> tuple[Runtime, PostedSubmission]:
    """The runtime that a body asks for, and the run that it describes. Raises ``BadRequest``."""
    for name in ("language", "version"):
        if not body.get(name) or not isinstance(body[name], str):
            raise BadRequest(f"{name} is required as a string")
    files = _files(body.get("files"))
    runtime = find(known, body["language"], body["version"])
    if runtime is None:
        raise BadRequest(f"{body['language'][:64]}-{body['version'][:64]} runtime is unknown")
    if not any(file.is_code for file in files):
        raise BadRequest("files must include at least one utf8 encoded file")
    run = CustomRun(cases=(), limits=_limits(body, quota), arguments=_arguments(body.get("args")))
    stdin = body.get("stdin") or ""
    if not isinstance(stdin, str):
        raise BadRequest("stdin must be a string")
    # Piston also ends an empty input with a line break.
    ended = stdin if stdin.endswith("\n") else f"{stdin}\n"
    run = run.with_cases([(_bytes(ended), None)])
    return runtime, _posted(runtime.offered.language, files, run)


def _files(given: object) -> list[GivenFile]:
    if not isinstance(given, list) or not given:
        raise BadRequest("files is required as an array")
    return [_file(place, one) for place, one in enumerate(given)]


def _file(place: int, given: object) -> GivenFile:
    content = given.get("content") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(content, str):
        raise BadRequest(f"files[{place}].content is required as a string")
    encoding = given.get("encoding")
    name = str(given.get("name") or f"file{place}.code")
    try:
        if encoding == "base64":
            return GivenFile(name, base64.b64decode(content), False)
        if encoding == "hex":
            return GivenFile(name, bytes.fromhex(content), False)
    except (binascii.Error, ValueError) as error:
        raise BadRequest(f"files[{place}].content is not {encoding}") from error
    return GivenFile(name, _bytes(content), True)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _arguments(given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise BadRequest("args must be an array")
    return tuple(_bytes(str(one)[:512].replace("\x00", "")).decode() for one in given[:64])


def _limits(body: Mapping[str, Any], quota: Quota) -> RunLimits:
    most = {
        "memory_limit": quota.run_memory_kb * 1024,
        "timeout": round(quota.run_wall_seconds * 1000),
        "cpu_time": round(quota.run_cpu_seconds * 1000),
    }
    names = [f"{stage}_{name}" for stage in ("compile", "run") for name in most]
    given = {name: _limit(body, name, most[name.partition("_")[2]]) for name in names}
    memory = given["run_memory_limit"]
    return RunLimits(
        cpu_seconds=(given["run_cpu_time"] or min(_DEFAULT_MS, most["cpu_time"])) / 1000,
        wall_seconds=(given["run_timeout"] or min(_DEFAULT_MS, most["timeout"])) / 1000,
        memory_kb=max(2048, int(memory) // 1024) if memory else None,
    )


def _limit(body: Mapping[str, Any], name: str, most: int) -> float | None:
    """A limit. ``None`` if the request has none, or -1 or 0: the default then applies.

    Limits of the compiler are checked but have no effect.
    """
    value = body.get(name)
    if not value or value == -1:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise BadRequest(f"If specified, {name} must be a number")
    if value < 0:
        raise BadRequest(f"{name} must be non-negative")
    if value > most and name.startswith("run_"):
        raise BadRequest(f"{name} cannot exceed the configured limit of {most}")
    return value


def _posted(language: Language, files: Sequence[GivenFile], run: CustomRun) -> PostedSubmission:
    """The run.

    A single text is the source, and gets the name that the language expects. Otherwise the files keep their
    names, apart from the first source: see :func:`_code_name`.
    """
    if len(files) == 1:
        source = files[0].content.decode()
        return PostedSubmission(language.id, source, Kind.RUN, run=run)
    code = next(file for file in files if file.is_code)
    main = _code_name(code.name, language)
    named = [
        ProgramFile.of(main if file is code else file.name.removeprefix("./"), file.content) for file in files
    ]
    return PostedSubmission(language.id, "", Kind.RUN, run=run, files=ProgramFiles(tuple(named), main))


def _code_name(name: str, language: Language) -> str:
    """The name of the first source, with an extension of its language, because Piston's clients send any
    extension."""
    name = name.removeprefix("./")
    if not language.extensions or PurePosixPath(name).suffix in language.extensions:
        return name
    return f"{name}{language.extensions[0]}"
