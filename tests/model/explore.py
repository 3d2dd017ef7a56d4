"""Visits all states of a model, and finds a shortest trace to each step and to a broken promise."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.model.language import Model, State

Trace = list[tuple[int, State]]
"""Numbers of steps, each with the state that it leads to."""


@dataclass
class Exploration:
    """All states, each with the state and the step by which it was first reached."""

    model: Model
    came_from: dict[State, tuple[State, int] | None] = field(default_factory=dict)
    transitions: int = 0
    ends: int = 0
    first_taken: dict[int, tuple[State, State]] = field(default_factory=dict)
    """The states before and after the first time that each step was taken."""
    broken: str | None = None

    def trace(self, state: State) -> Trace:
        """A shortest trace to this state."""
        found: Trace = []
        while (came := self.came_from[state]) is not None:
            found.append((came[1], state))
            state = came[0]
        return found[::-1]

    def trace_to_each_step(self) -> Iterator[Trace]:
        """For each step that is possible in some state, a shortest trace that ends with this step."""
        for number, (before, after) in self.first_taken.items():
            yield [*self.trace(before), (number, after)]


def explore(model: Model) -> Exploration:
    """Visit each state once, breadth first. Stops as soon as a promise is ``broken``."""
    found = Exploration(model)
    found.came_from[model.first] = None
    waiting, rising = deque([model.first]), _places(model)
    while waiting and found.broken is None:
        state = waiting.popleft()
        try:
            following = model.successors(state)
        except AssertionError as error:
            found.broken = f"{error} in {model.named(state)}"
            break
        found.transitions += len(following)
        if not following:
            found.ends += 1
            found.broken = _said(model.broken_at_the_end(state), found, state)
        for number, then in following:
            found.first_taken.setdefault(number, (state, then))
            if then in found.came_from:
                continue
            found.came_from[then] = (state, number)
            fallen = any(then[place] < state[place] for place in rising)
            found.broken = found.broken or _said(
                "a value fell" if fallen else model.broken(then), found, then
            )
            waiting.append(then)
    return found


def _said(promise: str | None, found: Exploration, state: State) -> str | None:
    if promise is None:
        return None
    names = [found.model.steps[number].name for number, _ in found.trace(state)]
    return f"{promise}: {', then '.join(names)}; {found.model.named(state)}"


def _places(model: Model) -> list[int]:
    return [place for place, name in enumerate(model.variables) if name in model.rising]


def random_trace(model: Model, random: Random, longest: int = 400) -> Trace:
    """A random trace to an end of the model, or of ``longest`` steps. Faults and the end of faults are as
    likely as any other step."""
    state, found = model.first, []
    for _ in range(longest):
        following = model.successors(state)
        if not following:
            break
        number, state = random.choice(following)
        found.append((number, state))
    return found
