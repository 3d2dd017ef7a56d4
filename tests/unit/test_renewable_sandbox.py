"""A worker's sandbox is opened again only if that was requested."""

from __future__ import annotations

from typing import cast

import pytest

from judge_core.clock import Clock
from sandbox import BoxFault, Sandbox
from tests.support.scripted_sandbox import ScriptedSandbox
from workers.renewable_sandbox import RETRY_SECONDS, RenewableSandbox


class _Closing(ScriptedSandbox):
    closed = False

    def close(self) -> None:
        self.closed = True


def test_a_requested_renewal_opens_the_sandbox_again_once() -> None:
    old, new = _Closing(reports=[]), _Closing(reports=[])
    sandbox = RenewableSandbox(cast(Sandbox, old), lambda: cast(Sandbox, new))
    assert not sandbox.renew_if_due()
    sandbox.request_renewal()
    assert sandbox.renew_if_due()
    assert (old.closed, new.closed) == (True, False)
    assert not sandbox.renew_if_due()


def test_an_old_sandbox_is_replaced_even_if_closing_fails() -> None:
    class Stuck(_Closing):
        def close(self) -> None:
            raise BoxFault("it still has processes")

    opened = [cast(Sandbox, _Closing(reports=[]))]
    sandbox = RenewableSandbox(cast(Sandbox, Stuck(reports=[])), opened.pop)
    sandbox.request_renewal()
    assert sandbox.renew_if_due()
    assert not sandbox.renew_if_due()


def test_the_old_sandbox_stays_open_if_a_new_sandbox_cannot_be_opened() -> None:
    def fail() -> Sandbox:
        raise BoxFault("no slot")

    old = _Closing(reports=[])
    sandbox = RenewableSandbox(cast(Sandbox, old), fail)
    sandbox.request_renewal()
    with pytest.raises(BoxFault):
        sandbox.renew_if_due()
    assert not old.closed


def test_a_failed_renewal_of_the_sandbox_is_tried_again_after_a_pause() -> None:
    old, new = _Closing(reports=[]), _Closing(reports=[])
    answers: list[Sandbox | None] = [None, cast(Sandbox, new)]

    def open_again() -> Sandbox:
        found = answers.pop(0)
        if found is None:
            raise BoxFault("no slot now")
        return found

    seconds = [100.0]
    clock = Clock(monotonic=lambda: seconds[0])
    sandbox = RenewableSandbox(cast(Sandbox, old), open_again, clock)
    sandbox.request_renewal()
    with pytest.raises(BoxFault):
        sandbox.renew_if_due()
    assert not sandbox.renew_if_due()
    seconds[0] += RETRY_SECONDS
    assert sandbox.renew_if_due()
    assert (old.closed, answers) == (True, [])
