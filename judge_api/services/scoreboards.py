"""The standings of events in this process. They are computed once for all clients that read or watch them.

They stay in memory, and each change that ``EventResultStore.changes_since`` returns is applied to them. After
a change of rules, problems or members they are computed again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from judge_api.events.rules import Scoring
from judge_api.events.scoring import Cell
from judge_api.events.standings import EventSetup, Row, Standings
from judge_api.services.problem_visibility import spec_of
from judge_api.store.event_results import EventResultStore
from judge_api.store.events import EventStore, StoredEvent
from judge_api.store.problems import ProblemStore
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.model.errors import NotFound, StoreUnavailable, UnreadableRecord

logger = get_logger(__name__)
_FRESH_SECONDS = 0.2
_WATCH_SECONDS = 0.25
_MOST_KEPT = 200

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Board:
    """The standings of one event at one moment. ``jury`` has all results. ``public`` lacks those that are
    held back."""

    setup: EventSetup
    revision: int
    setup_revision: int
    jury: Standings
    public: Standings

    @property
    def version(self) -> str:
        return f"{self.setup_revision}.{self.revision}"

    def standings(self, public: bool) -> Standings:
        return self.public if public else self.jury


@dataclass(slots=True)
class _Kept:
    board: Board | None = None
    fresh_until: float = float("-inf")
    bodies: dict[bool, tuple[str, Body]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Scoreboards:
    """Keeps the standings of events. Reading them may raise ``StoreUnavailable``."""

    def __init__(
        self,
        events: EventStore,
        results: EventResultStore,
        problems: ProblemStore,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._events = events
        self._results = results
        self._problems = problems
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def board(self, event: StoredEvent) -> Board:
        """The standings now. Raises ``NotFound`` if the event was deleted."""
        kept = self._of(event)
        with kept.lock:
            return self._current(kept, event)

    def body(self, event: StoredEvent, public: bool) -> Body:
        """The standings as JSON. It is made once for each version."""
        kept = self._of(event)
        with kept.lock:
            board = self._current(kept, event)
            made = kept.bodies.get(public)
            if made is None or made[0] != board.version:
                made = (board.version, standings_body(board, public))
                kept.bodies[public] = made
            return made[1]

    def forget(self) -> None:
        """Drop all standings. The next call computes them again."""
        self._kept.clear()

    def _of(self, event: StoredEvent) -> _Kept:
        if len(self._kept) > _MOST_KEPT:
            self._kept.clear()
        return self._kept.setdefault(event.id, _Kept())

    def _current(self, kept: _Kept, event: StoredEvent) -> Board:
        now = self._clock.monotonic()
        if kept.board is not None and now < kept.fresh_until:
            return kept.board
        revisions = self._results.revisions(event.id)
        if revisions is None:
            self._kept.pop(event.id, None)
            raise NotFound(f"there is no event {event.slug!r}")
        if kept.board is None or kept.board.setup_revision != revisions[1]:
            kept.board = self._begin(event)
        elif kept.board.revision != revisions[0]:
            kept.board = self._update(kept.board, event)
        kept.fresh_until = now + _FRESH_SECONDS
        return kept.board

    def _begin(self, event: StoredEvent) -> Board:
        now = self._events.get(event.slug) or event  # The stored rules may be newer than the caller's.
        setup = self._events.setup(now)
        empty = Board(setup, 0, now.setup_revision, Standings(setup), Standings(setup, public=True))
        return self._update(empty, event)

    def _update(self, board: Board, event: StoredEvent) -> Board:
        changes = self._results.changes_since(event.id, board.revision, self.max_scores(board.setup))
        if changes is None:
            raise NotFound(f"there is no event {event.slug!r}")
        board.jury.apply_all(changes.tries)
        board.public.apply_all(changes.tries)
        return Board(board.setup, changes.revision, board.setup_revision, board.jury, board.public)

    def max_scores(self, setup: EventSetup) -> dict[str, float | None]:
        """The highest score of each problem. ``None`` for a problem that is only solved or not solved."""
        found: dict[str, float | None] = {}
        for each in setup.problems:
            row, found[each.slug] = self._problems.get(each.slug), None
            if row is None and setup.rules.scoring is Scoring.IOI:
                # An imported event has no problem rows; its weights are the greatest scores.
                found[each.slug] = each.weight
            # If the row cannot be read, that is logged, and the problem counts as one without scores.
            with suppress(UnreadableRecord):
                found[each.slug] = spec_of(row).max_score if row else None
        return found


def dump_body(body: Body) -> str:
    """The text of a body, in the API's form of JSON."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


def standings_body(board: Board, public: bool) -> Body:
    """The JSON of standings."""
    shown = board.standings(public)
    problems = [{"slug": each.slug, "label": each.label, "weight": each.weight} for each in shown.problems]
    return {
        "version": board.version,
        "scoring": board.setup.rules.scoring.value,
        "problems": problems,
        "rows": [_row_body(row, shown) for row in shown.rows()],
    }


def _row_body(row: Row, shown: Standings) -> Body:
    return {
        **member_figures(row),
        "cells": [
            cell_body(cell, problem.slug in row.firsts)
            for cell, problem in zip(row.cells, shown.problems, strict=True)
        ],
    }


def member_figures(row: Row) -> Body:
    """The fields of a row, without its cells."""
    return {
        "member": row.member.id,
        "name": row.member.name,
        "affiliation": row.member.affiliation,
        "category": row.member.category.value,
        "rank": row.rank,
        "solved": row.solved,
        "points": row.points,
        "penalty_seconds": row.penalty,
    }


def cell_body(cell: Cell, is_first: bool = False) -> Body:
    return {
        "tries": cell.tries,
        "pending": cell.pending,
        "solved": cell.solved,
        "points": cell.points,
        "seconds": None if cell.decided_at is None else cell.decided_at // timedelta(seconds=1),
        "first": is_first,
    }


class ScoreboardFeed:
    """Changes of standings for watchers. One thread for each event and audience reads them for all watchers
    in this process."""

    def __init__(
        self, scoreboards: Scoreboards, encode: Callable[[Body], str], clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._scoreboards = scoreboards
        self._encode = encode
        self._clock = clock
        self._channels: dict[tuple[str, bool], _Channel] = {}
        self._lock = threading.Lock()

    @contextmanager
    def watch(self, event: StoredEvent, public: bool) -> Iterator[Watcher]:
        """Make a watcher of the standings."""
        key = event.id, public
        with self._lock:
            channel = self._channels.get(key)
            if channel is None:
                channel = self._channels[key] = _Channel(self, event, public)
            channel.watchers += 1
        try:
            yield Watcher(channel)
        finally:
            with self._lock:
                channel.watchers -= 1
                if not channel.watchers and self._channels.get(key) is channel:
                    del self._channels[key]
                    channel.close()

    def watchers(self) -> int:
        """The number of watchers in this process."""
        with self._lock:
            return sum(channel.watchers for channel in self._channels.values())

    def look(self, event: StoredEvent, public: bool) -> Body:
        return self._scoreboards.body(event, public)

    def encode(self, body: Body) -> str:
        return self._encode(body)

    def sleep(self) -> None:
        self._clock.sleep(_WATCH_SECONDS)


class _Channel:
    """The standings of one event for one audience: the latest standings, and the latest change as text."""

    def __init__(self, feed: ScoreboardFeed, event: StoredEvent, public: bool) -> None:
        self._feed = feed
        self._event = event
        self._public = public
        self.watchers = 0
        self.changed = threading.Condition()
        self.number = 0
        self.whole: Body | None = None
        self._whole_text: tuple[int, str] = (0, "")
        self.change_text = ""
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read the standings now, and look for changes in another thread."""
        with self.changed:
            if self._thread is None:
                self._look()
                self._thread = threading.Thread(target=self._run, name="scoreboard", daemon=True)
                self._thread.start()

    def close(self) -> None:
        self._closed = True

    def whole_text(self) -> str:
        """The standings as text. It is made once for all watchers that begin with the same standings."""
        if self._whole_text[0] != self.number or not self._whole_text[1]:
            self._whole_text = (self.number, self._feed.encode({"whole": True, **(self.whole or {})}))
        return self._whole_text[1]

    def _run(self) -> None:
        while not self._closed:
            self._feed.sleep()
            try:
                self._look()
            except StoreUnavailable:
                continue  # Until the next round the watchers keep their standings.
            except NotFound:
                break
            except Exception:
                logger.exception("Looking for changes of standings failed and is tried again")
        with self.changed:
            self._closed = True
            self.changed.notify_all()

    @property
    def is_closed(self) -> bool:
        return self._closed

    def _look(self) -> None:
        body = self._feed.look(self._event, self._public)
        if self.whole is body:
            return
        change = _change(self.whole, body)
        text = self._feed.encode(change)
        with self.changed:
            self.whole, self.change_text = body, text
            self.number += 1
            self.changed.notify_all()


class Watcher:
    """One client that follows a channel."""

    def __init__(self, channel: _Channel) -> None:
        self._channel = channel
        self._seen = 0

    def next(self, seconds: float) -> str | None:
        """The whole standings at first, and later a change. ``None`` if there was no change in time.

        A watcher that missed a change gets the whole standings again. Raises ``NotFound`` if the event was
        deleted.
        """
        channel = self._channel
        channel.start()
        with channel.changed:
            if channel.number == self._seen:
                channel.changed.wait(seconds)
            if channel.is_closed:
                raise NotFound("the event was deleted")
            missed = channel.number - self._seen
            if missed == 0:
                return None
            begins, self._seen = self._seen == 0, channel.number
            return channel.change_text if missed == 1 and not begins else channel.whole_text()


def _change(before: Body | None, after: Body) -> Body:
    """The change from one version of the standings to the next: the rows that differ, and the order of all
    rows."""
    if before is None or before["problems"] != after["problems"]:
        return {"whole": True, **after}
    known = {row["member"]: row for row in before["rows"]}
    rows = [row for row in after["rows"] if known.get(row["member"]) != row]
    order = [row["member"] for row in after["rows"]]
    return {"whole": False, "version": after["version"], "rows": rows, "order": order}
