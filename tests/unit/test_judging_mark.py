"""A worker can mark itself as judging with any process id."""

from __future__ import annotations

from sandbox.slot import JudgingMark


def test_two_workers_with_the_same_process_id_can_judge_at_the_same_time() -> None:
    """Two containers may share the folder of the locks, and give their workers the same process id. Here one
    process has both marks."""
    one, other = JudgingMark(), JudgingMark()
    try:
        with one.held(), other.held():
            assert not one.is_alone()
            assert not other.is_alone()
        with one.held():
            assert not other.is_alone()
    finally:
        one.close()
        other.close()
