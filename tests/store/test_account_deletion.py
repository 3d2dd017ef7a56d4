"""When an account is deleted, its submissions to problems stay and its name is removed, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select

from judge_api.store.account_deletion import AccountDeletion
from judge_api.store.accounts import AccountStore, NewAccount
from judge_api.store.audit import AuditLog
from judge_api.store.coding_sessions import CodingSessionStore
from judge_api.store.drafts import DraftStore
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.event_invitations import EventInvitationStore, NewInvitation
from judge_api.store.favorites import FavoriteStore
from judge_api.store.groups import GroupStore
from judge_api.store.identities import IdentityStore, NewIdentity
from judge_api.store.one_time_links import OneTimeLinkStore, ProviderSession
from judge_api.store.records import SubmissionFilter
from judge_api.store.second_factors import SecondFactorStore
from judge_api.store.sessions import SessionStore
from judge_api.store.shadows import Shadow, ShadowState, ShadowStore, Theirs
from judge_api.store.submission_comments import SubmissionCommentStore
from judge_api.store.submission_links import SubmissionLinkStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import (
    api_keys,
    event_member_accounts,
    event_shadow_submissions,
    ignored_failures,
    metadata,
)
from judge_api.store.verdicts import VerdictStore
from judge_api.store.webhooks import WebhookStore
from judge_core.model.account import Account, LinkPurpose, Role, Tier
from judge_core.model.errors import NotFound
from judge_core.model.submission import Kind
from tests.store.test_event_results import add_event, wait_for_a_lock
from tests.support.records import add_account, finished, new_submission

NAME = "ada.lovelace"


def _furnish(engine: Engine) -> tuple[Account, str, str]:
    """Make an account and all kinds of rows that refer to the account. Returns the account, and the ids of a
    finished submission and a finished run."""
    store, later = AccountStore(engine), datetime.now(UTC) + timedelta(days=1)
    new = NewAccount(NAME, full_name="Ada Lovelace", email="ada@example.org", groups=("class ten",))
    store.add_many([new], ["a hash"], "admin")
    account = store.by_name(NAME)
    assert account is not None
    store.issue_key(account.id, "laptop")
    SessionStore(engine).start(account.id, later)
    OneTimeLinkStore(engine).create(account.id, LinkPurpose.PASSWORD, "admin", later)
    log = AuditLog(engine)
    log.record(NAME, "account.sign-up", NAME)
    log.record("admin", "account.change", NAME, tier="premium")
    log.record("admin", "problem.owner", "sum", owner=NAME)
    submissions = SubmissionStore(engine)
    accepted = submissions.accept(new_submission(account.id), send_now=False).status.id
    run = submissions.accept(new_submission(account.id, kind=Kind.RUN), send_now=False).status.id
    for id in (accepted, run):
        VerdictStore(engine).record(finished(id))
    with write_transaction(engine) as connection:
        row = {"submission_id": accepted, "ignored_by": NAME, "ignored_at": later}
        connection.execute(insert(ignored_failures).values(row))
    return account, accepted, run


def _look_at_a_difference(engine: Engine) -> None:
    """Make an event in shadow mode, and note that the account has looked at a difference in a verdict."""
    event, _ = add_event(engine, add_account(engine, "author"))
    shadows, now = ShadowStore(engine), datetime.now(UTC)
    states = (event.created_by, ShadowState.FOLLOWING, None, None, now, None)
    shadows.follow(Shadow(event.id, event.slug, "https://example.org/api", None, None, {}, *states))
    assert shadows.claim("a dispatcher") is not None
    assert shadows.put_theirs(event.id, "a dispatcher", Theirs("101", False, "AC", None)) is not None
    assert shadows.review(event.id, "101", NAME, "seen")


def _everything(engine: Engine) -> str:
    with read_connection(engine) as connection:
        return str([connection.execute(select(table)).all() for table in metadata.sorted_tables])


def test_the_rows_that_remain_of_a_deleted_account_are_anonymous(engine: Engine) -> None:
    account, accepted, run = _furnish(engine)
    assert NAME in _everything(engine)
    anonymous = AccountDeletion(engine).delete(account)
    for trace in (NAME, "Ada", "ada@example.org", "class ten", "a hash", "laptop"):
        assert trace not in _everything(engine)
    submissions, store = SubmissionStore(engine), AccountStore(engine)
    kept = submissions.status(accepted)
    assert kept is not None and kept.owner == account.id
    assert submissions.status(run) is None, (
        "the runs of the account must be deleted, since they have its own input"
    )
    assert store.names([account.id]) == {account.id: anonymous}
    assert (store.get(account.id), list(store.page())) == (None, [])
    assert {one.account for one in AuditLog(engine).page()} == {anonymous, "admin"}


def test_the_note_that_a_deleted_account_looked_at_a_shadow_difference_is_anonymous(engine: Engine) -> None:
    account, _, _ = _furnish(engine)
    _look_at_a_difference(engine)
    anonymous = AccountDeletion(engine).delete(account)
    assert NAME not in _everything(engine)
    with read_connection(engine) as connection:
        assert connection.execute(select(event_shadow_submissions.c.looked_by)).scalar_one() == anonymous


def _submission_of(engine: Engine, account_id: str) -> str:
    return SubmissionStore(engine).page(SubmissionFilter(account_id=account_id)).items[0].id


LATE = datetime(2026, 11, 30, tzinfo=UTC)
LATE_WRITES: dict[str, Callable[[Engine, str], object]] = {
    "draft": lambda engine, id: DraftStore(engine).save(id, "aplusb", "python3", "my program"),
    "webhook": lambda engine, id: WebhookStore(engine).add(id, "https://ada.example.org"),
    "key": lambda engine, id: AccountStore(engine).issue_key(id, "laptop"),
    "link": lambda engine, id: OneTimeLinkStore(engine).create(id, LinkPurpose.PASSWORD, "admin", LATE),
    "session": lambda engine, id: SessionStore(engine).start(id, LATE),
    "single sign-on": lambda engine, id: SessionStore(engine).start_sso(id, LATE, ProviderSession("school")),
    "group": lambda engine, id: GroupStore(engine).add("10b", id),
    "address": lambda engine, id: AccountStore(engine).set_email(id, "ada@example.org"),
    "state": lambda engine, id: AccountStore(engine).set_disabled(id, False),
    "second factor": lambda engine, id: SecondFactorStore(engine).begin(id, "secret"),
    "identity": lambda engine, id: IdentityStore(engine).link(id, NewIdentity("issuer", "ada", "school")),
    "favourite": lambda engine, id: FavoriteStore(engine).add(id, "aplusb"),
    "public link": lambda engine, id: SubmissionLinkStore(engine).make(_submission_of(engine, id), id),
    "comment": lambda engine, id: SubmissionCommentStore(engine).add(
        _submission_of(engine, id), None, "my comment", id
    ),
    "coding session": lambda engine, id: CodingSessionStore(engine).create(id, "Ada's"),
    "deletion": lambda engine, id: AccountDeletion(engine).delete(
        Account(id, NAME, Tier.NORMAL, Role.USER, LATE)
    ),
}


@pytest.mark.parametrize("what", LATE_WRITES)
def test_a_request_that_comes_after_its_account_was_deleted_stores_nothing(engine: Engine, what: str) -> None:
    """Other processes accept the keys of the account for some seconds."""
    account, _, _ = _furnish(engine)
    AccountDeletion(engine).delete(account)
    before = _everything(engine)
    with pytest.raises(NotFound):
        LATE_WRITES[what](engine, account.id)
    assert _everything(engine) == before


def test_a_link_of_an_invitation_that_is_opened_during_the_deletion_leaves_no_session(
    engine: Engine,
) -> None:
    admin = add_account(engine, "author")
    event, _ = add_event(engine, admin)
    invitations, later = EventInvitationStore(engine), datetime.now(UTC) + timedelta(hours=1)
    (made,) = invitations.add(event.id, [NewInvitation("Ada Lovelace")], admin, later)
    unopened = invitations.get(event.id, made.id)
    assert unopened is not None and invitations.open(made.token, unopened, event, later)
    opened = invitations.get(event.id, made.id)
    assert opened is not None and opened.account_id is not None
    account = AccountStore(engine).get(opened.account_id)
    assert account is not None
    other = add_account(engine, "bob")
    with write_transaction(engine) as connection:  # The deletion of a member of a team locks no event.
        row = {"event_id": event.id, "account_id": other, "member_id": opened.member_id}
        connection.execute(insert(event_member_accounts).values(row))
        connection.execute(delete(api_keys))  # Sessions that ended long ago are deleted.
    token = invitations.renew(opened, later)
    opening: list[Future[Any]] = []
    with ThreadPoolExecutor(1) as threads:

        def clock_while_the_link_is_opened() -> datetime:
            if not opening:
                opening.append(threads.submit(invitations.open, token, opened, event, later))
                wait_for_a_lock(engine, opening[0])
            return later

        AccountDeletion(engine, clock_while_the_link_is_opened).delete(account)
    with read_connection(engine) as connection:
        of_account = api_keys.c.account_id == account.id
        assert connection.execute(select(api_keys.c.id).where(of_account)).all() == []


def test_a_submission_that_comes_after_its_account_was_deleted_is_refused(engine: Engine) -> None:
    """The request was checked before the deletion. The row of the account stays for earlier submissions."""
    account, accepted, _ = _furnish(engine)
    AccountDeletion(engine).delete(account)
    submissions = SubmissionStore(engine)
    with pytest.raises(NotFound, match="just been deleted"):
        submissions.accept(new_submission(account.id, max_unfinished=5))
    (refused,) = submissions.accept_batch([new_submission(account.id)])
    assert isinstance(refused, NotFound)
    assert [each.id for each in submissions.page(SubmissionFilter(account_id=account.id)).items] == [accepted]


def test_a_run_that_ends_after_its_account_was_deleted_is_deleted_too(engine: Engine) -> None:
    account, accepted, _ = _furnish(engine)
    submissions, deletion = SubmissionStore(engine), AccountDeletion(engine)
    run = submissions.accept(new_submission(account.id, kind=Kind.RUN), send_now=False).status.id
    other = submissions.accept(new_submission(add_account(engine), kind=Kind.RUN), send_now=False).status.id
    deletion.delete(account)
    assert deletion.delete_late_runs() == 0, "a worker may be judging it"
    for id in (run, other):
        VerdictStore(engine).record(finished(id))
    assert deletion.delete_late_runs() == 1
    assert [submissions.status(id) is None for id in (run, other, accepted)] == [True, False, False]


def test_the_name_of_a_deleted_account_is_free_again(engine: Engine) -> None:
    account, _, _ = _furnish(engine)
    AccountDeletion(engine).delete(account)
    AccountStore(engine).add_many([NewAccount(NAME)], ["another hash"], "admin")
    assert GroupStore(engine).all() == []


def test_an_account_is_due_for_deletion_after_a_delay_unless_the_request_is_withdrawn(engine: Engine) -> None:
    now = [datetime.now(UTC)]
    account, _, _ = _furnish(engine)
    deletion = AccountDeletion(engine, clock=lambda: now[0])
    deletion.request(account.id, now[0] + timedelta(days=7))
    assert deletion.due() == []
    now[0] += timedelta(days=8)
    assert deletion.due() == [account.id]
    deletion.request(account.id, None)
    assert deletion.due() == []


def test_the_audit_log_keeps_a_problem_with_the_name_of_a_deleted_account(engine: Engine) -> None:
    account, _, _ = _furnish(engine)
    AuditLog(engine).record("admin", "problem.add", NAME)
    AccountDeletion(engine).delete(account)
    with write_transaction(engine) as connection:
        audit = metadata.tables["audit"]
        kept = connection.execute(select(audit.c.subject).where(audit.c.act == "problem.add")).scalar()
    assert kept == NAME
