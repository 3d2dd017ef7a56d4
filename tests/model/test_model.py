"""The model of a submission's life keeps its promises, and the real code takes the same steps.

``make test-model`` checks the same within larger bounds, and also by Spin.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.model.acceptance import Acceptance, SeenModel
from tests.model.explore import Exploration, explore, random_trace
from tests.model.language import Model, Step, When
from tests.model.replay import replay
from tests.model.submission import Bounds, submission_model
from tests.simulation.database import SimulatedDatabase
from tests.simulation.faults import planned_faults
from tests.simulation.world import World, run_seed

SMALL = Bounds(faults=1)
NOT_MODELLED = ("odd_", "forged_", "later_", "earlier_", "redis_restarted_from_copy")
"""Kinds of faults that write records which no process made, or bring back an older Redis."""


@pytest.fixture(scope="module")
def explored() -> Exploration:
    return explore(submission_model(SMALL))


@pytest.fixture(scope="module")
def database() -> SimulatedDatabase:
    return SimulatedDatabase()


def test_every_promise_holds_in_every_state_within_small_bounds(explored: Exploration) -> None:
    assert explored.broken is None
    assert len(explored.came_from) > 50_000
    assert explored.ends > 20


def test_the_real_code_takes_a_shortest_trace_to_each_step(
    explored: Exploration, database: SimulatedDatabase
) -> None:
    traces = list(explored.trace_to_each_step())
    assert len(traces) > 100
    for trace in traces:
        replay(explored.model, trace, database, SMALL)


def test_the_real_code_takes_60_random_traces_of_the_model(database: SimulatedDatabase) -> None:
    bounds = Bounds(attempts=3, faults=4, has_copies=True)
    model, random = submission_model(bounds), Random(1)
    for _ in range(60):
        replay(model, random_trace(model, random), database, bounds)


def test_the_text_for_spin_is_generated_from_the_current_steps() -> None:
    text = Path(__file__).with_name("submission.pml").read_text()
    assert text == submission_model(Bounds()).promela(), "write the text by `python -m tests.model --write`"


def _without(model: Model, name: str, old: str, new: str) -> Model:
    """The model with a bug. In each step whose name begins with ``name``, ``old`` is replaced by ``new``."""

    def changed(step: Step) -> Step:
        text = repr(step).replace(old, new) if step.name.startswith(name) else repr(step)
        found = eval(text, {"Step": Step, "When": When})
        assert isinstance(found, Step)
        return found

    steps = tuple(map(changed, model.steps))
    assert steps != model.steps
    return replace(model, steps=steps)


BUGS = {
    "a verdict is recorded for what has ended": ("consumer: record 1", "open == 1 and ", ""),
    "a cancelled submission stays open": ("cancel", "'open = 0', ", "'claimed = 0', "),
    "a cancelled submission stays in the outbox": ("cancel", "'outbox = 0', ", "'claimed = 0', "),
    "an attempt is returned although it has ended": ("reconciler: return 1", "open == 1 and ", ""),
    "lost attempts are not found": ("reconciler: 1 is lost", "reconciler == 0", "reconciler == 9"),
    "abandoned attempts are not found": ("reconciler: 1 is abandoned", "reconciler == 0", "reconciler == 9"),
    "reports are acknowledged only": ("consumer: read 1", "'consumer_phase = 1'", "'consumer_phase = 2'"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_each_planted_bug_of_the_model_breaks_a_promise_or_repeats_a_repair_forever(bug: str) -> None:
    model = _without(submission_model(SMALL), *BUGS[bug])
    assert explore(model).broken is not None or _goes_round(model)


def _goes_round(model: Model) -> bool:
    """Whether some run has no end, which means that a repair is repeated forever."""
    state, seen, way = model.first, set[tuple[int, ...]](), Random(1)
    for _ in range(100_000):
        following = [then for number, then in model.successors(state) if not model.steps[number].is_fault]
        if not following:
            state, seen = model.first, set()
            continue
        seen.add(state)
        state = way.choice(following)
        if state in seen:
            return True
    return False


# Like the model, simulations with an even seed have one lease for all attempts.
@pytest.mark.parametrize("seed", [2, 4])
def test_each_step_of_a_simulated_installation_is_a_step_of_the_model(
    database: SimulatedDatabase, seed: int
) -> None:
    found: list[Acceptance] = []

    def watch(world: World) -> Acceptance:
        found.append(Acceptance(world))
        return found[0]

    planned = [each for each in planned_faults(seed) if not each.kind.startswith(NOT_MODELLED)]
    assert run_seed(seed, database, planned, watch).failure is None
    assert len(found[0].changes) > 100
    assert found[0].refused() == []


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": (1, 0)},
        {"cancelled": (1, 0)},
        {"attempt": (2, 1)},
        {"attempt": (1, 2)},
        {"open": (0, 1)},
        {"outbox": (0, 1)},
    ],
    ids=str,
)
def test_a_change_of_an_ended_submission_that_is_not_a_step_of_the_model_is_refused(
    change: dict[str, tuple[int, int]],
) -> None:
    model = SeenModel(Bounds(rejudgings=0))
    ended = dict.fromkeys(model.names, 0) | {"attempt": 1, "verdict": 1}
    before = ended | {name: values[0] for name, values in change.items()}
    after = ended | {name: values[1] for name, values in change.items()}
    assert model.accepts(tuple(before.values()), tuple(before.values())) is False
    assert not model.accepts(tuple(before.values()), tuple(after.values()))
