"""An invitation makes only one account, even if several people use it at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from judge_api.store.accounts import AccountStore
from judge_api.store.engine import read_connection
from judge_api.store.invitations import InvitationStore
from judge_api.store.tables import invitations
from judge_core.model.account import Role, Tier
from judge_core.model.errors import Conflict, Invalid

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def _join(engine: Engine, name: str, invitation: str) -> bool:
    try:
        AccountStore(engine).add(name, Tier.NORMAL, Role.USER, None, invitation)
    except Invalid:
        return False
    return True


def test_an_invitation_that_eight_people_use_at_once_makes_a_single_account(engine: Engine) -> None:
    invitation = InvitationStore(engine).create("admin", TOMORROW)
    names = [f"guest{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        joined = list(pool.map(lambda name: _join(engine, name, invitation), names))
    assert joined.count(True) == 1
    winner = names[joined.index(True)]
    assert [account.name for account in AccountStore(engine).list()] == [winner]
    with read_connection(engine) as connection:
        assert connection.execute(select(invitations.c.used_by)).scalar_one() == winner


def test_an_invitation_stays_valid_after_a_name_was_refused(engine: Engine) -> None:
    invitation = InvitationStore(engine).create("admin", TOMORROW)
    AccountStore(engine).add("ada", Tier.NORMAL, Role.USER)
    with pytest.raises(Conflict):
        _join(engine, "ada", invitation)
    assert _join(engine, "lovelace", invitation)


def test_an_expired_or_unknown_invitation_makes_no_account(engine: Engine) -> None:
    old = InvitationStore(engine).create("admin", datetime.now(UTC) - timedelta(seconds=1))
    assert not _join(engine, "late", old)
    assert not _join(engine, "liar", "gvi_made-up")
    assert AccountStore(engine).list() == []


def test_only_the_hash_of_an_invitation_is_stored(engine: Engine) -> None:
    invitation = InvitationStore(engine).create("admin", TOMORROW)
    with read_connection(engine) as connection:
        row = connection.execute(select(invitations)).mappings().one()
    assert invitation not in str(dict(row))
