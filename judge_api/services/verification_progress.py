"""Follows the verifications of problem versions until each submission of the package is judged."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import RowMapping

from judge_api.services.package_verification import PackageVerification
from judge_api.store.accounts import AccountStore
from judge_api.store.problem_verifications import (
    LineOutcome,
    ProblemVerificationStore,
    Verification,
    VerificationLine,
)
from judge_api.store.problem_versions import ProblemVersionStore
from judge_core.clock import utc_now
from judge_core.messages import PACKAGE_CHECK
from judge_core.model.account import Account
from judge_core.model.problem import ProblemSpec
from judge_core.model.submission import Verdict

_OLD_WORKER = "the release of its worker runs no validators: gavel problems verify runs them"
_SHOWN_FAULTS = 3
_GONE = "its run is no longer stored: verify the version again"
_NONE_JUDGED = "none of the package's submissions was judged: add an accepted submission"
_NONE_ACCEPTED = (
    "none of the package's submissions that were judged is accepted: add an accepted submission in a "
    "language of this server"
)
_SEND_MORE_BELOW = 3
"""If fewer submissions than this are unfinished, those that wait for the account's quota are sent."""


class VerificationProgress:
    """Follows verifications. It records results of runs, sends waiting submissions, and marks verified
    versions."""

    def __init__(
        self,
        sender: PackageVerification,
        verifications: ProblemVerificationStore,
        versions: ProblemVersionStore,
        accounts: AccountStore,
    ) -> None:
        self._sender = sender
        self._verifications = verifications
        self._versions = versions
        self._accounts = accounts

    def begin(self, author: Account, spec: ProblemSpec) -> Verification:
        """Begin to verify a version. If its verification has begun already, return that verification.

        A verification that waits for the quota of a deleted account would never end, so another verification
        begins.
        """
        latest = self.of(spec)
        if latest is not None and latest.ended_at is None and self._beginner(latest) is not None:
            return latest
        begun = self._verifications.begin(spec.slug, spec.version, author.id)
        return self._update(replace(begun, lines=self._sender.send(author, spec, begun)))

    def of(self, spec: ProblemSpec) -> Verification | None:
        """The latest verification of a version, with its results so far."""
        latest = self._verifications.latest(spec.slug, spec.version)
        if latest is None or latest.ended_at is not None:
            return latest
        updated = self._update(latest)
        waiting = any(line.outcome is LineOutcome.WAITING for line in updated.lines)
        running = sum(line.outcome is LineOutcome.RUNNING for line in updated.lines)
        begun_by = self._beginner(latest) if waiting else None
        if running < _SEND_MORE_BELOW and begun_by is not None:
            return self._update(replace(updated, lines=self._sender.send(begun_by, spec, updated)))
        return updated

    def _beginner(self, verification: Verification) -> Account | None:
        return self._accounts.get(verification.begun_by) if verification.begun_by else None

    def _update(self, verification: Verification) -> Verification:
        """Store the results of the runs. If all runs have ended, store the end."""
        results = self._verifications.results([line.id for line in verification.lines if line.id])
        lines = tuple(_judged(line, results.get(line.id)) if line.id else line for line in verification.lines)
        updated = replace(verification, lines=lines)
        if all(line.outcome.is_final for line in lines):
            updated = replace(updated, ended_at=utc_now(), passed=not verification_faults(updated))
            if updated.passed:
                self._versions.mark_verified(updated.slug, updated.version)
        self._verifications.save(updated)
        return updated


def verification_faults(verification: Verification) -> list[str]:
    """The reasons why a verification has failed: a sentence for each submission that was not judged as
    expected, or else one that says that none was accepted. Empty if it has passed."""
    bad = [
        f"{line.name}: got {line.verdict or 'no verdict'}, expected {' or '.join(line.expected)}"
        + (f" ({line.note})" if line.note else "")
        for line in verification.lines
        if line.outcome is LineOutcome.NOT_AS_PROMISED
    ]
    judged = [
        line.verdict
        for line in verification.lines
        if line.outcome is LineOutcome.AS_PROMISED and line.name != PACKAGE_CHECK
    ]
    if bad or Verdict.AC.value in judged:
        return bad
    return [_NONE_ACCEPTED if judged else _NONE_JUDGED]


def _judged(line: VerificationLine, found: RowMapping | None) -> VerificationLine:
    """The line with the result of its run so far."""
    if found is None:
        return replace(line, outcome=LineOutcome.NOT_AS_PROMISED, note=_GONE)
    if found["open"]:
        return line
    if line.name == PACKAGE_CHECK:
        return _checked(line, found)
    is_right = found["verdict"] in line.expected
    return replace(
        line,
        outcome=LineOutcome.AS_PROMISED if is_right else LineOutcome.NOT_AS_PROMISED,
        verdict=found["verdict"],
        cpu_ms=found["cpu_ms"],
        note=found["reason"],
    )


def _checked(line: VerificationLine, found: RowMapping) -> VerificationLine:
    """The line of the package's validators, with the first faults that they found."""
    tests = [test for test in found["tests"] or () if test["name"] == PACKAGE_CHECK]
    if found["verdict"] is not None and not tests:
        return replace(line, outcome=LineOutcome.SKIPPED, note=_OLD_WORKER)
    if found["verdict"] in line.expected:
        return replace(line, outcome=LineOutcome.AS_PROMISED, verdict=found["verdict"])
    messages = [test["message"] for test in tests if test.get("message")]
    rest = [f"and {len(messages) - _SHOWN_FAULTS} more"] if len(messages) > _SHOWN_FAULTS else []
    note = "; ".join([*messages[:_SHOWN_FAULTS], *rest]) or found["reason"]
    return replace(line, outcome=LineOutcome.NOT_AS_PROMISED, verdict=found["verdict"], note=note)
