"""The beginnings of all keys of Gavel in Redis, read from judge_core/redis/keys.py, and those of RQ."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

from judge_core.redis import keys

_ENDINGS = ("_key", "_stream", "_set")
_NAME = "@@"
RQ_KEYS = ("rq:job:", "rq:queue:", "rq:queues", "rq:worker:", "rq:workers", "rq:suspended")


def key_beginnings() -> tuple[str, ...]:
    """The constant part of each key, up to the first name in it. A new function or constant is found
    automatically."""
    return tuple(sorted({*_constants(), *_made(), *RQ_KEYS}))


def _constants() -> Iterator[str]:
    channels = {keys.STATUS_CHANNEL}
    for value in vars(keys).values():
        if isinstance(value, str) and value.startswith("gavel:") and value not in channels:
            yield value


def _made() -> Iterator[str]:
    for name, function in inspect.getmembers(keys, inspect.isfunction):
        if function.__module__ == keys.__name__ and name.endswith(_ENDINGS):
            for user in (None, _NAME):
                yield _beginning(function, user)


def _beginning(function: Callable[..., str], user: str | None) -> str:
    arguments = dict.fromkeys(inspect.signature(function).parameters, _NAME)
    made = function(**arguments | ({"user": user} if "user" in arguments else {}))
    return made.partition(_NAME)[0]
