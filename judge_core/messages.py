"""The messages between main server and workers: a request to judge, and a report about an attempt.

A request holds everything that a worker needs, since a worker reads no database. Processes of two releases
work side by side: see :mod:`judge_core.model.json_records`. ``VERSION`` is raised if a message changes so
that an older reader would misread it. A reader refuses messages newer than its own version or older than
``OLDEST_VERSION``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from judge_core.model.account import Tier
from judge_core.model.byte_texts import bytes_from, is_base64, text_and_base64
from judge_core.model.json_records import (
    ATTEMPT,
    REASON,
    SUBMISSION_ID,
    WORKER_NAME,
    InvalidField,
    flag,
    integer,
    items,
    mapping,
    member,
    moment,
    number,
    optional,
    plain_object,
    record,
    shallow_dict,
    text,
    tier,
)
from judge_core.model.program_files import ProgramFiles, parse_program_files
from judge_core.model.submission import Kind, Outcome, parse_outcome
from judge_core.tracing import TRACEPARENT_PATTERN

VERSION = 1
FILES_VERSION = 2
"""The version of a request with several files. A worker of an earlier release would judge only its
``source``, so it must refuse such a request. All other requests have ``VERSION``."""
OLDEST_VERSION = 1
"""The oldest version that this release reads. It must not be newer than the version of the previous release,
whose messages arrive during a rolling upgrade."""

LEASE_SECONDS = 10.0
"""The default number of seconds without a heartbeat, after which another worker gets the submission."""
T = TypeVar("T")
MAX_REQUEST_CHARACTERS = 64 * 1024 * 1024
MAX_REPORT_CHARACTERS = 32 * 1024 * 1024
FREE_BYTES = 128 << 20
"""The free disk space below which, by default, a server takes no submission and no package, and a
worker no submission."""
MAX_LEASE_SECONDS = 120.0
"""The longest lease that a worker asks for. A lease that seems to be longer began before a clock was set
back."""


class UnreadableMessage(Exception):
    """A text that is not a message of this project."""


class WrongVersion(UnreadableMessage):
    """The message comes from a release that is too old or too new for this one. The error's text names the
    side to update. ``proof`` is the proof of an unread request. With it, the attempt can be returned."""

    def __init__(self, fault: str, proof: str | None = None) -> None:
        super().__init__(fault)
        self.proof = proof


def version_fault(
    version: int, newest: int = VERSION, here: str = "this process", there: str = "the sender"
) -> str | None:
    """The reason why a process of this version cannot work with this process; ``None`` if it can. The reason
    calls this process ``here``, and the other process ``there``."""
    if version > newest:
        return f"protocol version {version} is newer than {newest}, the newest of {here}: update {here}"
    if version < OLDEST_VERSION:
        return (
            f"protocol version {version} is older than {OLDEST_VERSION}, the oldest of {here}: update {there}"
        )
    return None


@dataclass(frozen=True, slots=True)
class PackageRef:
    """A problem package by the hash of its content. The worker fetches the package and verifies the hash."""

    slug: str
    hash: str


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Limits that a request asks for. ``None`` means the problem's limit or the default.

    ``process_cpu_seconds`` and ``process_memory_kb`` limit each process by itself, the others the whole run.
    A worker of release 0.2.0 ignores these two.
    """

    cpu_seconds: float | None = None
    wall_seconds: float | None = None
    memory_kb: int | None = None
    output_kb: int | None = None
    processes: int | None = None
    stack_kb: int | None = None
    # These two and the last fields of CustomRun are left out of the repr, from which the hash for an
    # idempotency key is made. So a retry during an upgrade has the same hash as in release 0.2.0.
    process_cpu_seconds: float | None = field(default=None, repr=False)
    process_memory_kb: int | None = field(default=None, repr=False)


PACKAGE_CHECK = "validators"
"""The name of each test in the outcome of a run that checks a package. There is one failed test for each
fault, or one accepted test."""
PICTURE = "picture"
"""The name of the test in the outcome of a run that draws a test. Its output is the picture's file name, and
the bytes are in ``output_base64``."""


@dataclass(frozen=True, slots=True)
class CustomRun:
    """A program with its own input instead of a problem's tests.

    Without an expected output, a normal exit with code 0 is AC. ``remembered`` has the data that a compatible
    API repeats to its client. Judging does not read it. ``encoded_cases`` has the base64 of inputs and
    outputs that JSON or a database cannot store as text. ``cases`` has a readable text in place of each of
    them, which a worker of release 0.2.0 uses. ``exact_lines`` compares spaces, too, except those at
    the ends of lines. ``checks_package`` runs the validators of the package instead of the program. Its
    outcome has tests of the name ``PACKAGE_CHECK``. A worker of release 0.2.0 runs the program, and
    its outcome has no such tests. ``live`` connects the program's streams to a client while it runs
    (:mod:`judge_core.program_streams`). Without such a client, or on a worker of release 0.2.0, the
    program runs on its only case, whose input is empty. ``draws`` names a test. The package's input
    visualizer draws it, and the program is not run. The outcome has one test of the name ``PICTURE``.
    """

    cases: tuple[tuple[str, str | None], ...]
    limits: RunLimits = RunLimits()
    arguments: tuple[str, ...] = ()
    compiler_arguments: tuple[str, ...] = ()
    repeat: int = 1
    merge_stderr: bool = False
    remembered: Mapping[str, Any] = field(default_factory=dict)
    encoded_cases: tuple[tuple[str | None, str | None], ...] = field(default=(), repr=False)
    exact_lines: bool = field(default=False, repr=False)
    checks_package: bool = field(default=False, repr=False)
    live: bool = field(default=False, repr=False)
    draws: str | None = field(default=None, repr=False)

    def case_bytes(self) -> Iterator[tuple[bytes, bytes | None]]:
        """The input and the expected output of each case, as they were sent."""
        for place, (stdin, expected) in enumerate(self.cases):
            encoded = self.encoded_cases[place] if place < len(self.encoded_cases) else (None, None)
            yield bytes_from(stdin, encoded[0]) or b"", bytes_from(expected, encoded[1])

    def with_cases(self, cases: Iterable[tuple[bytes, bytes | None]]) -> CustomRun:
        """The same run with these cases, whatever their bytes are."""
        made = [(text_and_base64(stdin), _optional_text(expected)) for stdin, expected in cases]
        encoded = tuple((stdin[1], expected[1]) for stdin, expected in made)
        return replace(
            self,
            cases=tuple((stdin[0], expected[0]) for stdin, expected in made),
            encoded_cases=encoded if any(any(pair) for pair in encoded) else (),
        )


def _optional_text(content: bytes | None) -> tuple[str | None, str | None]:
    return (None, None) if content is None else text_and_base64(content)


@dataclass(frozen=True, slots=True)
class StatusFields:
    """The fields of a submission's status that a worker only copies into the statuses that it publishes.
    Judging does not need them."""

    serial: int
    owner: str
    kind: Kind
    submitted_at: str


@dataclass(frozen=True, slots=True)
class HandedSecrets:
    """The secrets that only the worker of an attempt gets, by the names of the request's fields."""

    proof: str
    job_secret: str | None
    submission_secret: str


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """One attempt at one submission. This is all that a worker gets from the queue.

    With ``files`` the program has several files, and ``source`` is the text of one of them, which judging
    does not need. Without ``status_fields`` the worker publishes no progress. ``show_test_names`` is for the
    problem's author. In other results, secret tests have numbers instead of names. ``proof`` shows the main
    server that a report's sender was handed this attempt. A main server of release 0.2.0 sets no
    proof. ``traceparent`` names the trace of the client's request, if it sent one. ``job_secret`` is the
    secret in the id of the request's job. ``submission_secret`` is the secret in the names of the
    submission's status and of its program's streams.
    """

    submission: str
    attempt: int
    queue: Tier
    language: str
    source: str
    package: PackageRef | None = None
    run: CustomRun | None = None
    run_all: bool = False
    samples_only: bool = False
    show_test_names: bool = False
    status_fields: StatusFields | None = None
    version: int = VERSION
    proof: str | None = None
    files: ProgramFiles | None = None
    traceparent: str | None = None
    job_secret: str | None = None
    submission_secret: str | None = None

    def dump(self, handed: HandedSecrets | None = None) -> str:
        """The request as a job holds it, with ``handed`` in place of its own secrets. This is faster than
        making a changed copy of the request first."""
        data = shallow_dict(self)
        if handed is not None:
            data |= shallow_dict(handed)
        for added in ("traceparent", "job_secret", "submission_secret"):
            if data[added] is None:
                del data[added]
        if self.files is not None:
            data |= {"files": self.files.to_json(), "version": FILES_VERSION}
        data["package"] = shallow_dict(self.package) if self.package else None
        data["run"] = asdict(self.run) if self.run else None
        status_fields = data.pop("status_fields")
        data["ticket"] = shallow_dict(status_fields) if status_fields else None  # the wire's name since 0.1
        return _write(data)

    @classmethod
    def load(cls, text: str | bytes) -> JudgeRequest:
        """The inverse of :meth:`dump`. Raises only ``UnreadableMessage``, whatever the text is."""
        found = _parse(_parse_request, text, MAX_REQUEST_CHARACTERS, "a request", FILES_VERSION)
        return replace(found, version=VERSION) if found.version == FILES_VERSION else found


def parse_custom_run(data: Any) -> CustomRun:
    """Parse the JSON of a custom run's ``asdict``. Raises ``InvalidField``."""
    return _parse_custom_run(data)


def _parse_case(value: Any) -> tuple[str, str | None]:
    if value.__class__ is not list or len(value) != _CASE_PARTS:
        raise InvalidField("must be a list of an input and an expected output")
    return _TEXT(value[0]), optional(_TEXT)(value[1])


def _parse_encoded_case(value: Any) -> tuple[str | None, str | None]:
    if value.__class__ is not list or len(value) != _CASE_PARTS:
        raise InvalidField("must be a list of an input and an expected output")
    if not all(part is None or (part.__class__ is str and is_base64(part)) for part in value):
        raise InvalidField("must be base64")
    return value[0], value[1]


class ReportKind(StrEnum):
    """The kinds of reports that a worker sends about an attempt."""

    STARTED = "started"
    FINISHED = "finished"
    FAULT = "fault"  # a fault of the judge: the attempt is requeued, with a reason
    RETURNED = "returned"  # not judged, since the worker drains; costs no attempt
    TRANSIENT_ERROR = "hindered"  # a transient error of the worker; costs no attempt, requeued later


@dataclass(frozen=True, slots=True)
class Report:
    """One durable message of a worker. It has an ``outcome`` exactly if the attempt finished.

    ``reason`` may quote files of the jury, so it is shown to operators and the problem's author only.
    ``package_at_fault`` means that the problem must be corrected. ``package_unusable`` means that even an
    accepted submission of the package has such a fault. ``at`` is when the report was sent. ``started_at`` is
    when the attempt began, since a quick attempt sends only one report. ``lacks_language`` says that the
    worker does not have the submission's language, so the attempt has to go elsewhere.
    """

    kind: ReportKind
    submission: str
    attempt: int
    worker: str
    at: str
    started_at: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    package_at_fault: bool = False
    package_unusable: bool = False
    lacks_language: bool = False
    version: int = VERSION
    traceparent: str | None = None

    def dump(self) -> str:
        data = {**shallow_dict(self), "outcome": self.outcome.to_json() if self.outcome else None}
        if self.traceparent is None:
            del data["traceparent"]
        return _write(data)

    @classmethod
    def load(cls, text: str | bytes) -> Report:
        """The inverse of :meth:`dump`. Raises only ``UnreadableMessage``, whatever the text is, since a thief
        of a worker's credentials can write any text."""
        report = _parse(_parse_report, text, MAX_REPORT_CHARACTERS, "a report")
        if report.kind is ReportKind.FINISHED and report.outcome is None:
            raise UnreadableMessage("not a report: it is finished without an outcome")
        return report

    def dump_fitted(self) -> str:
        """As :meth:`dump`, but with texts cut if the report is too long for :meth:`load`. Reports are rarely
        so long."""
        whole = self.dump()
        if len(whole) <= MAX_REPORT_CHARACTERS:
            return whole
        outcome = self.outcome.with_texts_cut(_CUT_CHARACTERS) if self.outcome else None
        return replace(self, outcome=outcome, reason=(self.reason or "")[:_CUT_CHARACTERS] or None).dump()


# The encoder is made once, since ``json.dumps`` with options makes a new encoder at each call.
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _parse(
    parse: Callable[[Any], T], message: str | bytes, longest: int, what: str, newest: int = VERSION
) -> T:
    if len(message) > longest:
        raise UnreadableMessage(f"not {what}: longer than {longest} characters")
    try:
        data = _read(message if isinstance(message, str) else message.decode(), newest)
        return parse(data)
    except InvalidField as fault:
        raise UnreadableMessage(f"not {what}: {fault}") from None
    except UnicodeDecodeError:
        raise UnreadableMessage(f"not {what}: not UTF-8") from None


def _read(text: str, newest: int) -> dict[str, Any]:
    data = read_json(text)
    if not isinstance(data, dict) or data.get("version").__class__ is not int:
        raise UnreadableMessage("a message needs an integer 'version'")
    if fault := version_fault(data["version"], newest):
        proof = data.get("proof")
        raise WrongVersion(fault, proof if isinstance(proof, str) else None)
    return data


def read_json(text: str) -> Any:
    """The value in a JSON text. NaN, which other languages do not read, and text that cannot be encoded again
    are refused. Raises ``UnreadableMessage``."""
    try:
        data = _decode(text)
        if _ESCAPED_SURROGATE in text.lower():
            _write(data).encode()
    except (ValueError, RecursionError) as error:
        # The error's own message is left out, since it may repeat the text.
        raise UnreadableMessage(f"not JSON: {type(error).__name__}") from None
    return data


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
_ESCAPED_SURROGATE = "\\ud"
_CASE_PARTS = 2
_TEXT = text()
_CUT_CHARACTERS = 1_000
_parse_arguments = items(text(100_000), 10_000)
_parse_encoded_cases = items(_parse_encoded_case, 10_000)
_AMOUNT = optional(number(0, 1e15))
_parse_run_limits = record(
    RunLimits,
    dict.fromkeys(
        (
            *("cpu_seconds", "wall_seconds", "memory_kb", "output_kb", "processes", "stack_kb"),
            *("process_cpu_seconds", "process_memory_kb"),
        ),
        _AMOUNT,
    ),
)
_parse_custom_run = record(
    CustomRun,
    {
        "cases": items(_parse_case, 10_000),
        "limits": lambda value: _parse_run_limits(value or {}),
        "arguments": lambda value: _parse_arguments(value or []),
        "compiler_arguments": lambda value: _parse_arguments(value or []),
        "repeat": integer(),
        "merge_stderr": flag,
        "remembered": plain_object(),
        "encoded_cases": lambda value: _parse_encoded_cases(value or []),
        "exact_lines": flag,
        "checks_package": flag,
        "live": flag,
        "draws": optional(text(1_000)),
    },
)
_parse_request = record(
    JudgeRequest,
    {
        "submission": SUBMISSION_ID,
        "attempt": ATTEMPT,
        "queue": tier,
        "language": text(100),
        "source": _TEXT,
        "package": optional(record(PackageRef, {"slug": text(255), "hash": text(64, "[0-9a-f]{64}")})),
        "run": optional(_parse_custom_run),
        "run_all": flag,
        "samples_only": flag,
        "show_test_names": flag,
        "ticket": optional(
            record(
                StatusFields,
                {
                    "serial": integer(0, 2**63 - 1),
                    "owner": text(100),
                    "kind": member(Kind),
                    "submitted_at": moment,
                },
            )
        ),
        "version": integer(),
        "proof": optional(text(64)),
        "files": optional(parse_program_files),
        "traceparent": optional(text(55, TRACEPARENT_PATTERN)),
        "job_secret": optional(text(64, "[0-9a-f]+")),
        "submission_secret": optional(text(64, "[0-9a-f]+")),
    },
    wire_names={"ticket": "status_fields"},
)
_parse_report = record(
    Report,
    {
        "kind": member(ReportKind),
        "submission": SUBMISSION_ID,
        "attempt": ATTEMPT,
        "worker": WORKER_NAME,
        "at": moment,
        "started_at": optional(moment),
        "outcome": optional(parse_outcome),
        "reason": optional(REASON),
        "timings": mapping(number(-1e12, 1e12), 32),
        "package_at_fault": flag,
        "package_unusable": flag,
        "lacks_language": flag,
        "version": integer(),
        "traceparent": optional(text(55, TRACEPARENT_PATTERN)),
    },
)


_MAX_ATTEMPT_DIGITS = 6
_MAX_ID_BYTES = 64


def named_attempt(fields: Mapping[bytes, bytes]) -> tuple[str, int] | None:
    """The submission and the attempt that an entry in a stream of reports names; ``None`` if it names no
    attempt."""
    submission, attempt = fields.get(b"submission", b""), fields.get(b"attempt", b"")
    if not submission.replace(b"-", b"").isalnum() or len(submission) > _MAX_ID_BYTES:  # so it is ASCII
        return None
    if not attempt.isdigit() or len(attempt) > _MAX_ATTEMPT_DIGITS:
        return None
    return submission.decode("ascii"), int(attempt)
