"""A small language for the steps of a model, which is written as Promela and runs in Python.

A step has a guard and effects on variables, which hold small numbers. Expressions are written in Python, and
use only what Promela has too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

State = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class When:
    """Effects that happen only if a condition is true at that moment."""

    condition: str
    effects: tuple[str, ...]


Effect = str | When
"""``name = expression``, or several of them under a condition."""


@dataclass(frozen=True, slots=True)
class Step:
    """One atomic step: a transaction of the database, a command or script in Redis, or a fault.

    ``claims`` must be true whenever the step is taken, before its effects.
    """

    name: str
    guard: str
    effects: tuple[Effect, ...]
    is_fault: bool = False
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """Variables with their first values, the steps, and the promises.

    The promises of ``always`` are true in every state, those of ``at_the_end`` in each state without a
    next state. Variables that are ``rising`` never get a smaller value.
    """

    variables: dict[str, int]
    steps: tuple[Step, ...]
    always: tuple[str, ...]
    at_the_end: tuple[str, ...]
    rising: tuple[str, ...]
    finally_for_ever: str
    successors: Callable[[State], list[tuple[int, State]]] = field(init=False, repr=False)
    broken: Callable[[State], str | None] = field(init=False, repr=False)
    broken_at_the_end: Callable[[State], str | None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        made = {"successors": self._compiled_steps(), "broken": self._compiled_check(self.always)}
        made["broken_at_the_end"] = self._compiled_check(self.at_the_end)
        for name, function in made.items():
            object.__setattr__(self, name, function)

    @property
    def first(self) -> State:
        return tuple(self.variables.values())

    def named(self, state: State) -> dict[str, int]:
        return dict(zip(self.variables, state, strict=True))

    def _compiled_steps(self) -> Callable[[State], list[tuple[int, State]]]:
        """A function that returns the number and the outcome of each step that is possible in a state. It
        raises ``AssertionError`` if a claim of a step is not true."""
        names = ", ".join(self.variables)
        lines = ["def successors(state):", f" {names} = state", " found = []"]
        for number, step in enumerate(self.steps):
            lines.append(f" if {step.guard}:")
            lines += [f"  assert {claim}, {f'{step.name}: {claim}'!r}" for claim in step.claims]
            lines += [f"  {line}" for effect in step.effects for line in _python(effect)]
            lines += [f"  found.append(({number}, ({names})))", f"  {names} = state"]
        lines.append(" return found")
        return cast("Callable[[State], list[tuple[int, State]]]", _compiled(lines, "successors"))

    def compiled_step(self, step: Step) -> Callable[[State], State | None]:
        """A function for one step. It returns the outcome, or ``None`` if the guard is not true."""
        names = ", ".join(self.variables)
        lines = ["def take(state):", f" {names} = state", f" if not ({step.guard}): return None"]
        lines += [f" {line}" for effect in step.effects for line in _python(effect)]
        return cast("Callable[[State], State | None]", _compiled([*lines, f" return ({names})"], "take"))

    def _compiled_check(self, promises: Iterable[str]) -> Callable[[State], str | None]:
        lines = ["def check(state):", f" {', '.join(self.variables)} = state"]
        lines += [f" if not ({promise}): return {promise!r}" for promise in promises]
        return cast("Callable[[State], str | None]", _compiled([*lines, " return None"], "check"))

    def promela(self) -> str:
        """The text of this model for Spin."""
        declared = [f"byte {name} = {first};" for name, first in self.variables.items()]
        hidden = [f"hidden byte was_{name};" for name in self.rising]
        steps = [line for step in self.steps for line in self._promela_step(step)]
        ends = [f"        assert({_expression(promise)});" for promise in self.at_the_end]
        return "\n".join(
            [
                *declared,
                *hidden,
                "",
                "active proctype Installation() {",
                "    do",
                *steps,
                "    :: timeout ->",
                *ends,
                "        break",
                "    od",
                "}",
                "",
                f"ltl repaired {{ <> [] ({_expression(self.finally_for_ever)}) }}",
                "",
            ]
        )

    def _promela_step(self, step: Step) -> Iterator[str]:
        yield f"    :: d_step {{ {_expression(step.guard)} -> /* {step.name} */"
        for claim in step.claims:
            yield f"        assert({_expression(claim)});"
        for name in self.rising:
            yield f"        was_{name} = {name};"
        for effect in step.effects:
            yield f"        {_promela(effect)};"
        for promise in (*(f"{name} >= was_{name}" for name in self.rising), *self.always):
            yield f"        assert({_expression(promise)});"
        yield "        }"


def _compiled(lines: Sequence[str], name: str) -> Any:
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)
    return scope[name]


def _python(effect: Effect) -> list[str]:
    if isinstance(effect, str):
        return [effect]
    return [f"if {effect.condition}:", *(f" {each}" for each in effect.effects)]


def _promela(effect: Effect) -> str:
    if isinstance(effect, str):
        return _expression(effect)
    then = "; ".join(map(_expression, effect.effects))
    return f"if :: {_expression(effect.condition)} -> {then} :: else fi"


def _expression(text: str) -> str:
    for word, sign in ((r"\band\b", "&&"), (r"\bor\b", "||"), (r"\bnot ", "!")):
        text = re.sub(word, sign, text)
    return text
