"""The programs of an invited person, for the report that the event's jury reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from judge_api.store.event_invitations import EventInvitation
from judge_api.store.event_similarity import ReportState, SimilarityStore
from judge_api.store.records import StoredSubmission, SubmissionFilter
from judge_api.store.submissions import SubmissionStore
from judge_core.model.submission import Status

MOST_PROGRAMS = 500
MOST_SOURCE_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReportedProgram:
    """A submission or a run.

    ``source`` is ``None`` if the submission was deleted, or if the report would be too long with it.
    """

    status: Status
    source: str | None

    def seconds(self, since: datetime | None) -> int | None:
        return None if since is None else int((self.status.submitted_at - since).total_seconds())


@dataclass(frozen=True, slots=True)
class SimilarProgram:
    """A program of the same event that is similar to a program of the invited person."""

    problem: str
    own: str
    similarity: float
    longest: int
    member_name: str


def similar_programs(similarity: SimilarityStore, invitation: EventInvitation) -> list[SimilarProgram] | None:
    """The pairs of the newest finished report that contain a program of the invited person, the most similar
    first. ``None`` if there is no finished report.

    Programs of other events are left out, because the reader may not be their jury.
    """
    reports = similarity.of(invitation.event_id)
    done = next((each for each in reports if each.state is ReportState.DONE), None)
    if done is None:
        return None
    pairs = similarity.pairs(done.id)
    programs = similarity.programs(sorted({id for each in pairs for id in (each.left, each.right)}))
    found = []
    for pair in pairs:
        for own_id, other_id in ((pair.left, pair.right), (pair.right, pair.left)):
            own, other = programs.get(own_id), programs.get(other_id)
            if own is None or other is None or own.member != invitation.member_id:
                continue
            if {own.event_id, other.event_id} == {invitation.event_id}:
                figures = (pair.problem, own_id, pair.similarity, pair.longest)
                found.append(SimilarProgram(*figures, other.member_name))
    return sorted(found, key=lambda each: -each.similarity)


def reported_programs(
    submissions: SubmissionStore, invitation: EventInvitation
) -> tuple[list[ReportedProgram], bool]:
    """The programs of the invited account, oldest first, and whether there are more.

    The account was made for this event, so all its programs belong to the event.
    """
    if invitation.account_id is None:
        return [], False
    which = SubmissionFilter(account_id=invitation.account_id)
    page = submissions.page(which, None, MOST_PROGRAMS, oldest_first=True)
    found, left = [], MOST_SOURCE_BYTES
    for status in page.items:
        source = _source_of(submissions.submission(status.id))
        size = len(source.encode()) if source is not None else 0
        is_shown = size <= left
        left -= size if is_shown else 0
        found.append(ReportedProgram(status, source if is_shown else None))
    return found, page.cursor is not None


def _source_of(stored: StoredSubmission | None) -> str | None:
    """The source as one text. Several files are separated by lines with their names."""
    if stored is None:
        return None
    if stored.files is None:
        return stored.source
    return "\n".join(f"==> {file.name} <==\n{file.text}" for file in stored.files.files)
