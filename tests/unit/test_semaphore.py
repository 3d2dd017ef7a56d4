"""So many at a time, and nobody forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from judge_core.redis.semaphore import Turnstile


def test_so_many_are_in_at_once_and_everybody_gets_in() -> None:
    turnstile, inside, most = Turnstile(3), set[int](), []

    def pass_through(number: int) -> None:
        for _ in range(200):
            turnstile.enter()
            inside.add(number)
            most.append(len(inside))
            inside.discard(number)
            turnstile.leave()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(pass_through, range(12)))
    assert len(most) == 12 * 200
    assert max(most) <= 3


def test_who_finds_none_free_is_let_in_by_whoever_leaves() -> None:
    turnstile, waited = Turnstile(1), list[bool]()
    assert not turnstile.enter()
    other = threading.Thread(target=lambda: waited.append(turnstile.enter()))
    other.start()
    turnstile.leave()
    other.join(5)
    assert len(waited) == 1  # whether it came before or after the other left
    turnstile.leave()
    assert not turnstile.enter()
