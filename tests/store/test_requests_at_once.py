"""Limits and promises are kept if requests come at the same moment, as if they came one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine

from judge_api.services.account_administration import AccountAdministration, AccountChanges
from judge_api.store import event_invitations, submission_comments
from judge_api.store.accounts import AccountStore, NewAccount
from judge_api.store.drafts import DraftStore
from judge_api.store.event_invitations import EventInvitationStore, NewInvitation
from judge_api.store.favorites import FavoriteStore
from judge_api.store.groups import GroupStore
from judge_api.store.identities import IdentityStore, NewIdentity
from judge_api.store.one_time_links import OneTimeLinkStore
from judge_api.store.operator_webhooks import OperatorWebhookStore
from judge_api.store.second_factors import SecondFactorStore
from judge_api.store.submission_comments import SubmissionCommentStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhooks import MAX_WEBHOOKS, WebhookStore
from judge_core.model.account import Account, LinkPurpose, Role, Tier
from judge_core.model.errors import Conflict
from tests.store.test_event_results import add_event
from tests.support.records import new_submission

AT_ONCE, ROUNDS = 8, 4
SOON = datetime.now(UTC) + timedelta(hours=1)


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Run these acts at the same moment. Returns their results, and ``Conflict`` for each that was
    refused."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except Conflict:
            return Conflict

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.fixture
def store(engine: Engine) -> AccountStore:
    return AccountStore(engine)


@pytest.fixture
def ada(store: AccountStore) -> Account:
    return store.add("ada", Tier.NORMAL, Role.USER)


def removal(administration: AccountAdministration, how: str, other: Account) -> Callable[[], object]:
    if how == "delete":
        return partial(administration.delete, "test", other)
    changes = {"role": AccountChanges(role=Role.USER), "disable": AccountChanges(disabled=True)}
    return partial(administration.change, "test", other, changes[how])


@pytest.mark.parametrize("how", ["role", "disable", "delete"])
def test_of_two_administrators_who_remove_each_other_at_once_the_first_succeeds(
    engine: Engine, store: AccountStore, how: str
) -> None:
    administration = AccountAdministration(engine, "http://localhost")
    left = store.add("first", Tier.NORMAL, Role.ADMIN)
    for number in range(ROUNDS):
        pair = [left, store.add(f"next-{number}", Tier.NORMAL, Role.ADMIN)]
        found = at_once([removal(administration, how, each) for each in pair])
        assert (found.count(Conflict), store.count_admins()) == (1, 1)
        left = pair[found.index(Conflict)]


def test_names_that_differ_only_in_capitals_make_a_single_account(
    engine: Engine, store: AccountStore
) -> None:
    identities = IdentityStore(engine)
    for number in range(ROUNDS):
        names = [f"twin{number}", f"Twin{number}", f"TWIN{number}", f"tWin{number}"]
        found = at_once(
            [
                partial(store.add, names[0], Tier.NORMAL, Role.USER),
                partial(store.add, names[1], Tier.NORMAL, Role.USER),
                partial(store.add_many, [NewAccount(names[2])], ["a hash"], "test"),
                partial(identities.add_account, NewAccount(names[3]), NewIdentity("i", f"{number}", "p")),
            ]
        )
        assert found.count(Conflict) == 3
    assert len(store.list()) == ROUNDS


def test_an_import_with_a_name_that_differs_from_an_account_only_in_capitals_adds_no_account(
    store: AccountStore, ada: Account
) -> None:
    with pytest.raises(Conflict, match="differs in capitals only"):
        store.add_many([NewAccount("eve"), NewAccount("ADA")], ["a hash", "a hash"], "test")
    assert [account.name for account in store.list()] == ["ada"]


def test_an_account_gets_no_more_keys_than_allowed(store: AccountStore, ada: Account) -> None:
    found = at_once([partial(store.issue_key, ada.id, "key", None, None, 3)] * AT_ONCE)
    assert (found.count(Conflict), len(store.keys(ada.id))) == (AT_ONCE - 3, 3)


def test_an_account_gets_no_more_webhooks_than_allowed(engine: Engine, ada: Account) -> None:
    webhooks = WebhookStore(engine)
    for _ in range(MAX_WEBHOOKS - 1):
        webhooks.add(ada.id, "https://example.org/")
    found = at_once([partial(webhooks.add, ada.id, "https://example.org/")] * AT_ONCE)
    assert (found.count(Conflict), len(webhooks.of(ada.id))) == (AT_ONCE - 1, MAX_WEBHOOKS)


def test_there_are_no_more_webhooks_of_operators_than_allowed(engine: Engine) -> None:
    webhooks = OperatorWebhookStore(engine)
    for _ in range(MAX_WEBHOOKS - 1):
        webhooks.add("https://example.org/")
    found = at_once([partial(webhooks.add, "https://example.org/")] * AT_ONCE)
    assert (found.count(Conflict), len(webhooks.all())) == (AT_ONCE - 1, MAX_WEBHOOKS)


def test_a_submission_gets_no_more_comments_than_allowed(
    engine: Engine, store: AccountStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission_comments, "MOST", 3)
    comments = SubmissionCommentStore(engine)
    authors = [store.add(f"author-{number}", Tier.NORMAL, Role.USER).id for number in range(AT_ONCE)]
    for _ in range(ROUNDS):
        id = SubmissionStore(engine).accept(new_submission(authors[0]), send_now=False).status.id
        found = at_once([partial(comments.add, id, None, "a comment", author) for author in authors])
        assert (found.count(Conflict), len(comments.of(id))) == (AT_ONCE - 3, 3)


def test_an_event_gets_no_more_invitations_than_allowed(
    engine: Engine, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_invitations, "MOST_OF_EVENT", 3)
    invitations = EventInvitationStore(engine)
    for number in range(ROUNDS):
        event, _ = add_event(engine, ada.id, f"event-{number}")
        people = [NewInvitation("Bob")]
        found = at_once([partial(invitations.add, event.id, people, ada.id, SOON)] * AT_ONCE)
        assert (found.count(Conflict), len(invitations.of_event(event.id))) == (AT_ONCE - 3, 3)


def test_of_eight_password_links_made_at_once_only_one_works(engine: Engine, ada: Account) -> None:
    links = OneTimeLinkStore(engine)
    made = at_once([partial(links.create, ada.id, LinkPurpose.PASSWORD, "test", SOON)] * AT_ONCE)
    assert len([token for token in made if links.find(str(token))]) == 1


def test_a_second_factor_that_is_confirmed_several_times_at_once_is_set_once(
    engine: Engine, ada: Account
) -> None:
    factors = SecondFactorStore(engine)
    at_once([partial(factors.begin, ada.id, "a secret")] * AT_ONCE)
    codes = [[f"{number}-1", f"{number}-2"] for number in range(AT_ONCE)]
    confirmed = at_once([partial(factors.confirm, ada.id, "a secret", each) for each in codes])
    assert (confirmed.count(True), factors.codes_left(ada.id)) == (1, 2)


def test_a_draft_favourite_or_group_that_is_stored_several_times_at_once_exists_once(
    engine: Engine, ada: Account
) -> None:
    store, favorites, groups = DraftStore(engine), FavoriteStore(engine), GroupStore(engine)
    for number in range(ROUNDS):
        at_once([partial(store.save, ada.id, f"problem-{number}", "python3", "x")] * AT_ONCE)
        at_once([partial(favorites.add, ada.id, f"problem-{number}")] * AT_ONCE)
        at_once([partial(groups.add, f"class-{number}", ada.id)] * AT_ONCE)
    assert (len(store.of(ada.id)), len(favorites.of(ada.id))) == (ROUNDS, ROUNDS)
    assert [group.members for group in groups.all()] == [1] * ROUNDS
