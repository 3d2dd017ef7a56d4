"""Follows another system's contest live, and judges its submissions here too (shadow mode).

The other system's event feed (CLICS Contest API, 2020-03 or newer) is read line by line. An event is stored
before its token, so after a lost connection or a crash the feed continues at the token. An event that comes
twice changes nothing. Submissions are fetched and judged as submissions of hidden members, whom only the jury
sees.

The module has over 500 lines, because all kinds of events of the feed share the state of one contest.
"""

from __future__ import annotations

import json
import math
import queue
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from judge_api.events.rules import ServiceClass
from judge_api.services.contest_feed import (
    FeedNotes,
    changes_of,
    last_judgements,
    time_after,
    time_of,
    verdict_of,
)
from judge_api.services.program_archive import UnusableArchive, read_zip
from judge_api.store.event_results import EventResultStore, Expects
from judge_api.store.events import EventStore, ProblemInEvent, StoredEvent
from judge_api.store.problems import ProblemStore
from judge_api.store.records import CONTEST_PRIORITY, REJUDGE_PRIORITY, EventEntry, NewSubmission
from judge_api.store.shadows import FeedObject, Shadow, ShadowStore, Theirs, Waiting
from judge_api.store.submissions import SubmissionStore
from judge_api.webhooks.http_reader import Answer, CannotRead, HttpReader, basic_auth
from judge_core.clock import SYSTEM_CLOCK, SYSTEM_JITTER, Clock, Jitter
from judge_core.languages import guess_language
from judge_core.logging import get_logger
from judge_core.messages import PackageRef
from judge_core.model.account import Tier
from judge_core.model.errors import Conflict, GavelError, Refused, UnreadableRecord
from judge_core.model.language import Language
from judge_core.model.program_files import MOST_FILES, ProgramFile, ProgramFiles
from judge_core.model.submission import Kind

_logger = get_logger(__name__)
SILENCE_SECONDS = 150.0
"""The longest silence of a feed. Feeds send an empty line at least every two minutes."""
_LONGEST_LINE = 1 << 20
_LONGEST_OBJECT = 64 * 1024
_LONGEST_ID = 255
_MOST_ZIP = 4 << 20
_FILES_SECONDS = 15.0
"""The time for the files of one submission. Together with the time to connect it is shorter than a claim."""
_KINDS = {"problems", "teams", "organizations", "judgement-types", "submissions", "judgements"}
_AT_ONCE = 200
_WAIT_SECONDS = 0.5
_RENEW_SECONDS = 5.0
_LONGEST_PAUSE = 60.0
_MOST_TRIES = 20
_END = object()
_DELETED = "deleted in the other system"


class Unusable(Exception):
    """A submission cannot be judged here. ``may_change`` says that a later try may succeed."""

    def __init__(self, why: str, may_change: bool = False) -> None:
        super().__init__(why)
        self.may_change = may_change


class ClaimLost(Exception):
    """Following was stopped or changed, or another dispatcher follows now."""


@dataclass(frozen=True, slots=True)
class ShadowStores:
    """The stores that following reads and writes."""

    shadows: ShadowStore
    events: EventStore
    results: EventResultStore
    problems: ProblemStore
    submissions: SubmissionStore


@dataclass(frozen=True, slots=True)
class ShadowLimits:
    """The limits of following. ``tier`` is the tier whose workers judge the submissions, unless the event has
    a tier."""

    source_bytes: int
    tier: Tier = Tier.NORMAL


@dataclass(slots=True)
class _Feed:
    """A feed that a thread reads, with the lines that were not used yet."""

    lines: queue.Queue[Any] = field(default_factory=lambda: queue.Queue(maxsize=2 * _AT_ONCE))
    answer: Answer | None = None
    error: CannotRead | None = None
    has_tokens: bool = False
    is_closed: bool = False

    def close(self) -> None:
        """End the reading thread, which may wait for a place in the queue."""
        self.is_closed = True
        if self.answer is not None:
            self.answer.close()
        with suppress(queue.Empty):
            while True:
                self.lines.get_nowait()

    def put(self, line: object) -> None:
        while not self.is_closed:
            with suppress(queue.Full):
                self.lines.put(line, timeout=_WAIT_SECONDS)
                return

    def take(self) -> tuple[list[bytes], bool]:
        """The lines that have come, and whether the feed has ended. Waits up to ``_WAIT_SECONDS`` for the
        first line."""
        found: list[bytes] = []
        try:
            line = self.lines.get(timeout=_WAIT_SECONDS)
            while line is not _END:
                found.append(line)
                if len(found) >= _AT_ONCE:
                    return found, False
                line = self.lines.get_nowait()
        except queue.Empty:
            return found, False
        return found, True


class ShadowFollower:
    """Follows contests. After ``StoreUnavailable`` the dispatcher begins to follow again."""

    def __init__(
        self,
        stores: ShadowStores,
        languages: Mapping[str, Language],
        reader: HttpReader,
        limits: ShadowLimits,
        clock: Clock = SYSTEM_CLOCK,
        jitter: Jitter = SYSTEM_JITTER,
    ) -> None:
        self._stores = stores
        self._languages = languages
        self._reader = reader
        self._limits = limits
        self._clock = clock
        self._jitter = jitter

    def follow(self, shadow: Shadow, name: str, stop: threading.Event) -> None:
        """Follow a contest until following it is stopped, or until the claim by ``name`` is lost. A lost
        connection is opened again after a pause. The pauses grow while no connection brings a token."""
        with suppress(ClaimLost):
            self._follow(shadow, name, stop)

    def _follow(self, shadow: Shadow, name: str, stop: threading.Event) -> None:
        pause = 1.0
        while not stop.is_set() and self._stores.shadows.renew(shadow.event_id, name):
            feed = _Feed()
            try:
                goes_on = self._use(shadow, name, feed, stop)
            finally:
                feed.close()
            if not goes_on:
                return
            error = feed.error
            if error is not None and error.status == 400 and self._current(shadow).token:
                # The other system does not know the token any more, so the whole feed is read again.
                self._stores.shadows.note_token(shadow.event_id, name, None)
            self._stores.shadows.note_error(shadow.event_id, name, _advice(error))
            # A feed without tokens is read again from its beginning, so the pauses before that grow.
            pause = 1.0 if feed.has_tokens else min(_LONGEST_PAUSE, pause * 2)
            self._wait(shadow, name, self._jitter.apply(pause), stop)
        self._stores.shadows.release(shadow.event_id, name)

    def _wait(self, shadow: Shadow, name: str, seconds: float, stop: threading.Event) -> None:
        """Wait, and renew the claim meanwhile."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0 and not stop.wait(min(left, _RENEW_SECONDS)):
            self._stores.shadows.renew(shadow.event_id, name)

    def _current(self, shadow: Shadow) -> Shadow:
        return self._stores.shadows.get(shadow.event_id) or shadow

    def _use(self, shadow: Shadow, name: str, feed: _Feed, stop: threading.Event) -> bool:
        """Store the changes of a feed and submit its submissions, until the feed ends. False if following has
        ended."""
        current = self._current(shadow)
        thread = threading.Thread(target=self._read, args=(current, feed), name="shadow feed", daemon=True)
        thread.start()
        renewed = self._clock.monotonic()
        has_ended = False
        while not has_ended:
            lines, has_ended = feed.take()
            if stop.is_set():
                self._stores.shadows.release(shadow.event_id, name)
                return False
            if lines:
                feed.has_tokens |= self.apply(current, name, lines)
            self.submit_waiting(current, name)
            if self._clock.monotonic() - renewed >= _RENEW_SECONDS:
                renewed = self._clock.monotonic()
                if not self._stores.shadows.renew(shadow.event_id, name):
                    return False
        return True

    def _read(self, shadow: Shadow, feed: _Feed) -> None:
        """Read the feed into the queue. Runs in its own thread."""
        try:
            with self._reader.get(_feed_url(shadow), _headers(shadow)) as answer:
                feed.answer = answer
                for line in answer.lines(_LONGEST_LINE):
                    feed.put(line)
                    if feed.is_closed:
                        return
        except CannotRead as error:
            feed.error = error
        finally:
            feed.put(_END)

    def apply(self, shadow: Shadow, name: str, lines: Sequence[bytes]) -> bool:
        """Store the changes in these lines, and then the last token. False if no line has a token. Raises
        ``ClaimLost``."""
        changed: list[FeedObject] = []
        touched: dict[str, bool | None] = {}
        token = None
        for line in lines:
            event = _event_of(line)
            if event is None:
                continue
            token = _token_of(event) or token
            for each in _objects_of(event):
                changed.append(each)
                for id in self._submissions_of(shadow, each):
                    is_deleted = each.data is None if each.kind == "submissions" else touched.get(id)
                    touched[id] = is_deleted
        shadows = self._stores.shadows
        if not shadows.put_objects(shadow.event_id, name, changed):
            raise ClaimLost
        types = shadows.objects(shadow.event_id, "judgement-types") if touched else {}
        if any(each.kind == "judgement-types" for each in changed):
            types = shadows.objects(shadow.event_id, "judgement-types")
            touched = {**dict.fromkeys(shadows.objects(shadow.event_id, "submissions")), **touched}
        for id, is_deleted in touched.items():
            self._compare(shadow, name, self._theirs(shadow, id, is_deleted, types))
        shadows.note_token(shadow.event_id, name, token or self._current(shadow).token)
        return token is not None

    def _submissions_of(self, shadow: Shadow, each: FeedObject) -> Iterator[str]:
        """The submissions whose comparison an object changes."""
        if each.kind == "submissions":
            yield each.id
        elif each.kind == "judgements":
            if each.parent is not None:
                yield each.parent
            # A deleted judgement does not name its submission. A changed judgement may have belonged to
            # another submission before, whose comparison then changes too.
            before = self._stores.shadows.submission_of(shadow.event_id, each.id)
            if before is not None:
                yield before

    def _theirs(
        self, shadow: Shadow, id: str, is_deleted: bool | None, types: Mapping[str, Mapping[str, Any]]
    ) -> Theirs:
        judged = last_judgements(self._stores.shadows.judgements(shadow.event_id, id)).get(id, {})
        kind = judged.get("judgement_type_id")
        verdict = verdict_of(judged, types, FeedNotes())
        return Theirs(id, is_deleted, str(kind)[:64] if kind is not None else None, verdict)

    def _compare(self, shadow: Shadow, name: str, theirs: Theirs) -> None:
        """Store the other system's judgement of a submission. A submission that is deleted there does not
        count here either."""
        before = self._stores.shadows.put_theirs(shadow.event_id, name, theirs)
        if before is None:
            raise ClaimLost
        results, ours = self._stores.results, before.submission_id
        with suppress(Conflict):  # If a juror has given another reason, it stays.
            if ours is not None and theirs.is_deleted:
                results.disqualify(shadow.event_id, ours, _DELETED)
            elif ours is not None and theirs.is_deleted is False and before.is_deleted:
                results.disqualify(shadow.event_id, ours, None, Expects(_DELETED))

    def submit_waiting(self, shadow: Shadow, name: str) -> int:
        """Submit the submissions that are due. Returns how many were submitted. Raises ``ClaimLost``."""
        waiting = self._stores.shadows.waiting(shadow.event_id)
        event = self._stores.events.get(shadow.event_slug) if waiting else None
        if event is None:
            return 0
        done = 0
        for each in waiting:
            # Reading the files of many submissions may take longer than a claim lasts.
            if not self._stores.shadows.renew(shadow.event_id, name):
                raise ClaimLost
            try:
                accepted = self._submit(shadow, event, each.id)
                self._stores.shadows.note_submitted(shadow.event_id, name, each.id, accepted)
                done += 1
            except Unusable as error:
                self._note(shadow, name, each, error)
            except CannotRead as error:
                self._note(shadow, name, each, Unusable(f"its files cannot be read: {error}", True))
            except Refused as error:
                self._note(shadow, name, each, Unusable(str(error), True))
            except UnreadableRecord as error:
                self._note(shadow, name, each, Unusable(f"a record of it cannot be read: {error}", True))
        return done

    def _note(self, shadow: Shadow, name: str, each: Waiting, fault: Unusable) -> None:
        again = (
            timedelta(seconds=min(300, 2.0**each.tries))
            if fault.may_change and each.tries < _MOST_TRIES
            else None
        )
        self._stores.shadows.note_fault(shadow.event_id, name, each, str(fault), again)

    def _submit(self, shadow: Shadow, event: StoredEvent, id: str) -> str:
        """Submit the other system's submission here. Returns its id here. Raises ``Unusable``,
        ``CannotRead``, ``Refused`` and ``UnreadableRecord``."""
        found = self._stores.shadows.object(shadow.event_id, "submissions", id)
        if found is None:
            raise Unusable("the other system has not sent this submission yet", may_change=True)
        problem = self._problem(shadow, event, str(found.get("problem_id")))
        row = self._stores.problems.get(problem.slug)
        if row is None:
            raise Unusable(f"there is no package of the problem {problem.slug}: add it", may_change=True)
        at = time_after(event.times.starts_at, found.get("contest_time")) or time_of(found.get("time"))
        if at is None:
            raise Unusable("it has no valid time in the other system")
        files = self._files(shadow, id)
        language = self._language(shadow, found, files)
        member = self._member(shadow, str(found.get("team_id")))
        is_contest = event.service.kind is ServiceClass.CONTEST
        priority = CONTEST_PRIORITY if is_contest else REJUDGE_PRIORITY
        new = NewSubmission(
            account_id=shadow.account_id,
            tier=event.service.tier or self._limits.tier,
            language=language.id,
            source=_source(files, language, found),
            files=_several(files, language, found),
            kind=Kind.RUN,
            package=PackageRef(row.slug, row.version),
            priority=priority,
            idempotency_key=_key_of(shadow, id),
            event=EventEntry(event.id, member, priority=priority, at=at),
        )
        return self._stores.submissions.accept(new, send_now=False).status.id

    def _problem(self, shadow: Shadow, event: StoredEvent, id: str) -> ProblemInEvent:
        """The event's problem whose label or slug is the other system's label, short name, name or id of the
        problem."""
        theirs = self._stores.shadows.object(shadow.event_id, "problems", id) or {}
        ours = self._stores.events.problems(event.id)
        for name in (theirs.get("label"), theirs.get("short_name"), theirs.get("name"), id):
            for each in ours:
                if name in (each.label, each.slug):
                    return each
        shown = theirs.get("label") or id
        raise Unusable(
            f"the event has no problem with the label {str(shown)[:40]!r}: add it", may_change=True
        )

    def _files(self, shadow: Shadow, id: str) -> tuple[ProgramFile, ...]:
        url = f"{shadow.url}/submissions/{quote(id, safe='')}/files"
        with self._reader.get(url, _headers(shadow), _FILES_SECONDS) as answer:
            content = answer.read(_MOST_ZIP)
        try:
            files = read_zip(content, self._limits.source_bytes, MOST_FILES)
        except UnusableArchive as error:
            raise Unusable(f"its files: the zip {error}") from error
        if not files:
            raise Unusable("it has no files")
        return files

    def _language(self, shadow: Shadow, found: Mapping[str, Any], files: Sequence[ProgramFile]) -> Language:
        """Gavel's language of a submission: the language that the operator has named for the other system's
        language, or the language of the same name, or else the language that the files' names suggest. Raises
        ``Unusable``."""
        theirs = str(found.get("language_id"))
        name = shadow.languages.get(theirs, theirs)
        for each in self._languages.values():
            if name == each.id or name in each.aliases:
                return each
        for file in files:
            if guessed := guess_language(file.name, self._languages):
                return guessed
        raise Unusable(
            f"there is no language {theirs[:32]!r} here: an administrator can name one for it by the API, in "
            "the field languages",
            may_change=False,
        )

    def _member(self, shadow: Shadow, id: str) -> str:
        shadows = self._stores.shadows
        team = shadows.object(shadow.event_id, "teams", id)
        if team is None:
            raise Unusable(f"there is no team {id[:64]!r}", may_change=True)
        name = str(team.get("display_name") or team.get("name") or id).strip()[:120] or id[:120]
        organization = (
            shadows.object(shadow.event_id, "organizations", str(team.get("organization_id"))) or {}
        )
        affiliation = organization.get("formal_name") or organization.get("name")
        return shadows.member(shadow.event_id, id, name, str(affiliation)[:128] if affiliation else None)


class ShadowThreads:
    """One thread for each contest that this dispatcher follows."""

    def __init__(self, shadows: ShadowStore, follower: ShadowFollower, name: str) -> None:
        self._shadows = shadows
        self._follower = follower
        self._name = name
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self) -> bool:
        """Claim a contest that no dispatcher follows, and follow it in a thread. False if there is none."""
        self._threads = [each for each in self._threads if each.is_alive()]
        name = f"{self._name[:100]} {secrets.token_hex(4)}"
        shadow = None if self._stop.is_set() else self._shadows.claim(name)
        if shadow is None:
            return False
        thread = threading.Thread(target=self._run, args=(shadow, name), name="shadow", daemon=True)
        self._threads.append(thread)
        thread.start()
        return True

    def end(self, seconds: float) -> None:
        self._stop.set()
        for each in self._threads:
            each.join(seconds)

    def _run(self, shadow: Shadow, name: str) -> None:
        try:
            self._follower.follow(shadow, name, self._stop)
        except GavelError as error:
            _logger.warning(
                "Following a contest failed and is tried again", event=shadow.event_slug, reason=str(error)
            )
        except Exception as error:
            _logger.exception("Unexpected error while following a contest", event=shadow.event_slug)
            with suppress(GavelError):
                self._shadows.note_error(shadow.event_id, name, f"{type(error).__name__}: {error}")


def _feed_url(shadow: Shadow) -> str:
    kind, _, value = (shadow.token or "").partition(":")
    name = {"token": "since_token", "id": "since_id"}.get(kind)
    return f"{shadow.url}/event-feed" + (f"?{name}={quote(value, safe='')}" if name else "")


def _key_of(shadow: Shadow, id: str) -> str:
    """The idempotency key of a submission. Contests at two addresses may have the same ids."""
    return f"shadow {shadow.event_id} {sha256(f'{shadow.url} {id}'.encode()).hexdigest()}"


def _headers(shadow: Shadow) -> dict[str, str]:
    return {"Accept": "application/x-ndjson, application/json, */*", **basic_auth(shadow.user, shadow.secret)}


def _advice(error: CannotRead | None) -> str | None:
    if error is None:
        return None
    if error.status in (401, 403):
        return f"{error}: check the user and the password"
    return f"{error}: check the address" if error.status == 404 else str(error)


def _event_of(line: bytes) -> Mapping[str, Any] | None:
    if not line.strip():
        return None
    try:
        event = _clean(json.loads(line))
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _clean(value: Any) -> Any:
    """The value, with its texts and numbers changed so that every database can store them."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(each) for name, each in value.items()}
    return value


def _token_of(event: Mapping[str, Any]) -> str | None:
    """The token from which the feed can continue after this event. Feeds of 2021-11 have no tokens."""
    if isinstance(event.get("token"), str):
        return f"token:{event['token']}"
    if "op" in event and isinstance(event.get("id"), str | int):
        return f"id:{event['id']}"
    return None


def _objects_of(event: Mapping[str, Any]) -> Iterator[FeedObject]:
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        return
    for id, data in changes_of(event):
        if not 0 < len(id) <= _LONGEST_ID or len(json.dumps(data, allow_nan=False)) > _LONGEST_OBJECT:
            continue
        parent = data.get("submission_id") if data is not None and kind == "judgements" else None
        yield FeedObject(kind, id, str(parent)[:_LONGEST_ID] if parent is not None else None, data)


def _source(files: Sequence[ProgramFile], language: Language, found: Mapping[str, Any]) -> str:
    several = _several(files, language, found)
    return several.main_text if several is not None else files[0].text


def _several(
    files: Sequence[ProgramFile], language: Language, found: Mapping[str, Any]
) -> ProgramFiles | None:
    """The files of a program with several files, else ``None``. Raises ``Unusable`` for names that are not
    allowed here."""
    if len(files) == 1:
        return None
    program = ProgramFiles(tuple(files), str(found.get("entry_point") or ""))
    if faults := tuple(program.faults(language.extensions)):
        program = ProgramFiles(tuple(files))
        faults = tuple(program.faults(language.extensions))
    if faults:
        raise Unusable(f"its files: {faults[0].message}")
    return program
