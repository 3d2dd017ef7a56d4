"""Whole installations in simulated time keep their promises during faults, for a few fixed seeds.

``make test-simulation`` runs any number of seeds. The README beside this file explains how it works.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from tests.simulation.faults import FEWEST, KINDS, Faults, planned_faults
from tests.simulation.mutations import MUTATIONS
from tests.simulation.shrinker import shortest_failing
from tests.simulation.tables import PAGE, seed_rows, write_part

REPOSITORY = __file__.rsplit("/tests/", 1)[0]
SEEDS = 100


def simulate(*arguments: str) -> str:
    """Run the simulation in a process of its own, whose sets have the same order each time. Returns its
    output."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return done.stdout


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seeds", [f"1-{SEEDS // 2}", f"{SEEDS // 2 + 1}-{SEEDS}"], ids=["first", "second"])
def test_no_promise_is_broken_in_the_fixed_seeds_by_faults_of_every_kind(seeds: str) -> None:
    assert "0 broke a promise" in simulate("--seeds", seeds)


def test_a_seed_repeats_its_run_step_by_step() -> None:
    first, again = (simulate("--seeds", "3", "--trace").splitlines()[:-1] for _ in range(2))
    assert first == again
    for word in ("accepted", "fault", "saw"):
        assert any(f" {word} " in line for line in first)


def test_the_fixed_seeds_have_every_kind_of_fault() -> None:
    plans = [planned_faults(seed) for seed in range(1, SEEDS + 1)]
    assert {each.kind for plan in plans for each in plan} == set(KINDS)
    assert min(len(plan) for plan in plans) >= FEWEST
    assert all(hasattr(Faults, kind) for kind in KINDS)


@pytest.mark.parametrize("guilty", [{4}, {0, 11}, {2, 3, 9}, set(range(12))])
def test_the_shrinker_keeps_exactly_the_faults_that_a_failure_needs(guilty: set[int]) -> None:
    def fails(faults: Collection[int]) -> bool:
        return guilty <= set(faults)

    assert set(shortest_failing(range(12), fails)) == guilty


def test_a_failure_that_needs_no_fault_is_shrunk_to_an_empty_list() -> None:
    assert shortest_failing(range(12), lambda _faults: True) == []


def test_only_the_generated_part_of_a_page_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    part = "<!-- generated: seeds: {} -->\n"
    page.write_text("before\n" + part.format("begin") + "old\n" + part.format("end") + "after\n")
    results = [
        {"seed": seed, "steps": 1000 * seed, "faults": 10, "submissions": 20, "failure": failure}
        for seed, failure in ((1, "broken"), (1, None), (2, None))
    ]
    write_part("seeds", seed_rows(results), page)
    text = page.read_text()
    assert text.startswith("before\n<!--")
    assert text.endswith("-->\nafter\n")
    assert "old" not in text
    for row in ("| seeds | 2 | |", "| steps | 3,000 | 1,000 |", "| seeds that broke a promise | 0 | |"):
        assert row in text
    with pytest.raises(ValueError, match="no part"):
        write_part("other", [], page)


def test_the_documentation_has_the_parts_that_runs_write() -> None:
    for name in ("seeds", "known bugs"):
        for at in ("begin", "end"):
            assert PAGE.read_text().count(f"<!-- generated: {name}: {at} -->\n") == 1


def test_the_readme_names_every_kind_of_fault() -> None:
    text = (Path(__file__).parent / "README.md").read_text()
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []


def test_each_known_bug_has_its_own_name() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 20
