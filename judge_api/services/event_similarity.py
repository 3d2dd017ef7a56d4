"""Compares the accepted programs of an event by problem and language, in the dispatcher.

A report lists programs that are alike. It does not prove that a person has copied: short programs and common
ways to solve a problem are alike without copying.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from judge_api.services.dolos import Alike, CannotCompare, Comparison, Dolos, DolosMissing, Program
from judge_api.services.problem_visibility import spec_of
from judge_api.store.event_similarity import (
    MOST_TRIES,
    AcceptedProgram,
    SimilarityReport,
    SimilarityStore,
    SimilarPair,
)
from judge_api.store.events import EventStore
from judge_api.store.problems import ProblemStore
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.model.errors import GavelError
from judge_core.model.language import Language

_logger = get_logger(__name__)
MOST_PROGRAMS = 3000
"""The largest number of programs that are compared in one group of a problem and a language.

The time grows with the square of their number.
"""
_RENEW_EVERY = 3.0
_BY_EXTENSION = {
    ".sh": "bash",
    ".c": "c",
    ".cpp": "cpp",
    ".cs": "c-sharp",
    ".py": "python",
    ".php": "php",
    ".ml": "ocaml",
    ".java": "java",
    ".js": "javascript",
    ".go": "go",
    ".r": "r",
    ".rs": "rust",
    ".scala": "scala",
    ".sql": "sql",
    ".ts": "typescript",
}
BY_CHARACTERS = "char"
"""Dolos' name of the comparison by characters. It is used for languages without a parser."""


def dolos_language(language: Language | None) -> str:
    """Dolos' name of a language. All dialects and compilers of a language have the same name."""
    extensions = language.extensions if language else ()
    return next((_BY_EXTENSION[each] for each in extensions if each in _BY_EXTENSION), BY_CHARACTERS)


@dataclass(slots=True)
class _Group:
    """The programs for one problem in one language."""

    problem: str
    language: str
    programs: list[AcceptedProgram] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.problem}, {self.language}"


class SimilarityJobs:
    """Computes the reports that are waiting. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self,
        store: SimilarityStore,
        events: EventStore,
        problems: ProblemStore,
        languages: Mapping[str, Language],
        dolos: Dolos,
    ) -> None:
        self._store = store
        self._events = events
        self._problems = problems
        self._languages = languages
        self._dolos = dolos

    def run_once(self, name: str, is_stopping: Callable[[], bool] = lambda: False) -> bool:
        """Compute one report, if one is waiting. ``name`` is the name of this dispatcher. False if none was
        waiting."""
        report = self._store.claim(name)
        if report is None:
            return False
        failure = self._dolos.missing()
        if report.tries > MOST_TRIES:
            failure = f"the dispatcher ended {MOST_TRIES} times while it compared"
        if failure is None:
            run = _Run(self._store, report, name, is_stopping)
            failure = self._compare_all(run, report)
            if failure is None and is_stopping():
                self._store.give_back(report, name)
        if failure is not None:
            _logger.warning("A comparison of an event's programs failed", report=report.id, reason=failure)
            self._store.end(report, name, failure)
        return True

    def _compare_all(self, run: _Run, report: SimilarityReport) -> str | None:
        """Compare group by group. Returns the reason if it failed."""
        groups, count = self._groups(report)
        if not self._store.note_total(report, run.name, len(groups), count):
            return None
        for group in groups:
            try:
                pairs, notes = self._compare(run, group, report.options.least_percent / 100)
            except DolosMissing as error:
                return str(error)
            if not run.goes_on() or not run.add(pairs, notes):
                return None
        self._store.end(report, run.name)
        return None

    def _groups(self, report: SimilarityReport) -> tuple[list[_Group], int]:
        """The groups with programs of several members, and the number of programs in all of them."""
        programs = self._store.accepted([report.event_id, *report.options.earlier])
        slugs = self._slugs(report)
        groups: dict[tuple[str, str], _Group] = {}
        for each in programs:
            problem = slugs.get((each.event_id, each.problem))
            if problem is not None:
                language = dolos_language(self._languages.get(each.language))
                # Programs in languages without a parser are compared only with programs in the same language.
                key = (problem, language if language != BY_CHARACTERS else each.language)
                groups.setdefault(key, _Group(problem, key[1])).programs.append(each)
        found = [
            group
            for _, group in sorted(groups.items())
            if len({each.member for each in group.programs}) > 1
            and any(each.event_id == report.event_id for each in group.programs)
        ]
        return found, sum(len(group.programs) for group in found)

    def _slugs(self, report: SimilarityReport) -> dict[tuple[str, str], str]:
        """The slugs of this event's problems, by a submission's event and its problem's slug there.

        In an earlier event a problem may have had another slug. Then the problem with the same label is used.
        """
        present = self._events.problems(report.event_id)
        by_label = {each.label: each.slug for each in present}
        own = {each.slug for each in present}
        found = {(report.event_id, slug): slug for slug in own}
        for event_id in report.options.earlier:
            for each in self._events.problems(event_id):
                slug = each.slug if each.slug in own else by_label.get(each.label)
                if slug is not None:
                    found[event_id, each.slug] = slug
        return found

    def _compare(self, run: _Run, group: _Group, least: float) -> tuple[list[SimilarPair], list[str]]:
        sources, notes = self._sources(run, group)
        owners = _owners(sources, run.report.event_id)
        chosen = list({(owners[each.id], text): each for each, text in sources.items()}.values())
        language = group.language if group.language in _BY_EXTENSION.values() else BY_CHARACTERS
        if language == BY_CHARACTERS:
            notes.append("compared by characters, since Dolos has no parser for the language")
        programs = [
            Program(sources[each], owners[each.id], each.event_id != run.report.event_id) for each in chosen
        ]
        asked = Comparison(language, programs, self._starters(group), least)
        try:
            compared = self._dolos.compare(asked, should_stop=lambda: not run.goes_on())
        except CannotCompare as error:
            return [], [f"{group.name}: not compared: {error}"]
        pairs = [_pair(group, chosen, each) for each in compared.pairs]
        return pairs, [f"{group.name}: {note}" for note in (*notes, *compared.notes)]

    def _sources(self, run: _Run, group: _Group) -> tuple[dict[AcceptedProgram, str], list[str]]:
        """The texts of a group's programs, and notes about what was left out."""
        chosen = _newest(group.programs, run.report.event_id)
        texts = self._store.sources([each.id for each in chosen])
        found = {each: texts[each.id] for each in chosen if each.id in texts}
        notes = []
        if left := len(group.programs) - len(chosen):
            notes.append(f"{left} of the oldest left out: at most {MOST_PROGRAMS} are compared")
        if left := len(chosen) - len(found):
            notes.append(f"{left} left out: their source was deleted or cannot be read")
        return found, notes

    def _starters(self, group: _Group) -> tuple[str, ...]:
        """The starter code that members got: that of the problem, and that of the language."""
        ids = {each.language for each in group.programs}
        texts = [found.starter for id in ids if (found := self._languages.get(id)) is not None]
        row = self._problems.get(group.problem)
        try:
            starters = spec_of(row).starters if row else {}
        except GavelError:
            starters = {}
        texts += [text for id, text in starters.items() if id in ids]
        return tuple(sorted({text for text in texts if text.strip()}))


@dataclass(slots=True)
class _Run:
    """The work of one dispatcher on one report."""

    store: SimilarityStore
    report: SimilarityReport
    name: str
    is_stopping: Callable[[], bool]
    clock: Clock = SYSTEM_CLOCK
    _number: int = 0
    _renewed: float = 0.0
    _notes: list[str] = field(default_factory=list)
    _is_held: bool = True

    def goes_on(self) -> bool:
        """Whether to go on. False if the dispatcher ends, or if the report was cancelled or taken over by
        another dispatcher."""
        if self.is_stopping():
            return False
        now = self.clock.monotonic()
        if self._is_held and now >= self._renewed + _RENEW_EVERY:
            self._renewed = now
            self._is_held = self.store.renew(self.report, self.name)
        return self._is_held

    def add(self, pairs: Iterable[SimilarPair], notes: Sequence[str]) -> bool:
        """Store the pairs and notes of one group."""
        numbered = []
        for each in pairs:
            self._number += 1
            numbered.append(replace(each, number=self._number))
        self._notes += notes
        return self.store.add_pairs(self.report, self.name, numbered, self._notes)


def _newest(programs: Sequence[AcceptedProgram], event_id: str) -> list[AcceptedProgram]:
    """At most ``MOST_PROGRAMS``: first the event's own, then the newest of earlier events."""
    if len(programs) <= MOST_PROGRAMS:
        return list(programs)
    ordered = sorted(programs, key=lambda each: (each.event_id != event_id, -each.at.timestamp()))
    return ordered[:MOST_PROGRAMS]


def _owners(programs: Iterable[AcceptedProgram], event_id: str) -> dict[str, str]:
    """The owner of each program.

    If a member took part in an earlier event with the same account, both members are one owner, whose
    programs are not compared with each other.
    """
    by_account = {each.account_id: each.member for each in programs if each.event_id == event_id}
    by_account.pop(None, None)
    return {
        each.id: each.member
        if each.event_id == event_id
        else by_account.get(each.account_id, f"{each.event_id} {each.account_id or each.member}")
        for each in programs
    }


def _pair(group: _Group, programs: Sequence[AcceptedProgram], found: Alike) -> SimilarPair:
    """The pair, with the earlier program on the left side."""
    left, right = programs[found.left], programs[found.right]
    passages = found.passages
    if left.at > right.at:
        left, right = right, left
        passages = tuple((*each[4:], *each[:4]) for each in passages)
    return SimilarPair(
        number=0,
        problem=group.problem,
        language=group.language,
        left=left.id,
        right=right.id,
        similarity=found.similarity,
        longest=found.longest,
        overlap=found.overlap,
        passages=passages,
    )
