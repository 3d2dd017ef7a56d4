"""Errors and warnings about a package. They are collected, so that an author sees all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error or warning: its place, and a sentence that says what to change."""

    file: str
    message: str
    key: str | None = None
    line: int | None = None
    warning: bool = False

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        subject = f" {self.key}:" if self.key else ""
        return f"{place}:{subject} {self.message}"


MOST_FAULTS = 1000
"""The largest number of errors that are listed for one package, and also of warnings."""


@dataclass(slots=True)
class Diagnostics:
    """Errors and warnings in the order in which they were found. Each is listed once."""

    found: list[Diagnostic] = field(default_factory=list)
    _seen: dict[bool, set[Diagnostic]] = field(default_factory=lambda: {False: set(), True: set()})

    def add(self, fault: Diagnostic) -> None:
        seen = self._seen[fault.warning]
        if fault in seen or len(seen) > MOST_FAULTS:
            return
        if len(seen) == MOST_FAULTS:
            fault = Diagnostic(
                fault.file,
                "there are more faults than are listed here: change these first",
                warning=fault.warning,
            )
        seen.add(fault)
        self.found.append(fault)

    def extend(self, other: Diagnostics) -> None:
        for fault in other.found:
            self.add(fault)

    def error(self, file: str, message: str) -> None:
        self.add(Diagnostic(file, message))

    def warn(self, file: str, message: str) -> None:
        self.add(Diagnostic(file, message, warning=True))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(fault for fault in self.found if not fault.warning)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(fault for fault in self.found if fault.warning)

    def raise_errors(self) -> None:
        """Raise ``BrokenPackage`` with all errors, if there are any."""
        if self.errors:
            raise BrokenPackage(self.errors)


class BrokenPackage(Exception):
    """The package cannot be used. ``faults`` lists everything that was found."""

    def __init__(self, faults: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults
