"""A rejudging of an event begins with all of its runs, or does not begin."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from judge_api.services.event_rejudging import EventRejudging, RejudgingStores
from judge_api.store.records import AcceptedSubmission
from judge_core.model.errors import StoreFailed, StoreUnavailable
from tests.support.records import a_status


def test_a_rejudging_whose_runs_are_only_partly_stored_is_cancelled() -> None:
    """Otherwise the programs that were not stored would be listed as programs that cannot be run again."""
    stored = replace(a_status(), id="a-run")
    cancelled: list[str] = []
    submissions = SimpleNamespace(
        submit_batch=lambda _batch: [AcceptedSubmission(stored), StoreFailed("the database is down")],
        cancel=lambda run, by: cancelled.append(run.id),
    )
    found = SimpleNamespace(source="print(1)", files=None)
    discarded: list[str] = []
    stores = SimpleNamespace(
        rejudgings=SimpleNamespace(begin=lambda *_: "a-rejudging", discard=discarded.append),
        submissions=SimpleNamespace(
            submission=lambda _id: found, statuses=lambda ids: dict.fromkeys(ids, stored)
        ),
        problems=SimpleNamespace(get=lambda _slug: SimpleNamespace(slug="aplusb", version="v")),
    )
    rejudging = EventRejudging(
        cast(RejudgingStores, stores), cast(Any, submissions), cast(Any, None), cast(Any, None), 4.0
    )
    chosen = [SimpleNamespace(id=id, problem="aplusb", language="python3") for id in ("one", "two")]
    jury, event = SimpleNamespace(id="jury", tier="normal"), SimpleNamespace(id="event")
    with pytest.raises(StoreUnavailable, match="the database is down"):
        rejudging.begin(cast(Any, event), cast(Any, jury), "new tests", cast(Any, chosen))
    assert (cancelled, discarded) == (["a-run"], ["a-rejudging"])
