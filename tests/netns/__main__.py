"""`make test-netns` tests a main server and workers on three other hosts, over slow, lossy and cut links.

The hosts are network namespaces of this machine. A switch in user space connects them, and delays and drops
frames (``link_shaping.py``), because not every kernel has netem. Prints a table. Fails if a submission was
lost, recorded twice or wrong, if a host fetched a package twice, or if a worker that must be refused was
accepted.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.chaos.checks import FinalState, read_states
from tests.netns.hosts import FIRST_SLOT, PASSWORD, PROBLEMS, ManyHostStack, WorkerSlot, many_host_stack
from tests.netns.network import Host, move_to, virtual_network
from tests.network.waiting import until

SUM = "import time\na, b = map(int, input().split())\ntime.sleep({seconds})\nprint(a + b)  # {number}\n"
CUT_AFTER_SECONDS = 2.0
SETTLE_SECONDS = 240.0


@dataclass(frozen=True)
class LinkConditions:
    """The state of the workers' links: the round trip time, the share of lost frames, and the hosts that are
    cut off."""

    delay_ms: float = 0.0
    loss: float = 0.0
    cut: tuple[str, ...] = ()
    cut_seconds: float = 0.0

    @property
    def partition(self) -> str:
        return f"{len(self.cut)} of 3 hosts, {self.cut_seconds:g} s" if self.cut else "none"


@dataclass(frozen=True)
class Row:
    """The results of the submissions under one set of link conditions."""

    measure: LinkConditions
    accepted: int
    lost: int
    doubled: int
    again: int
    median: float
    slowest: float

    @property
    def kept(self) -> bool:
        return self.lost == 0 and self.doubled == 0

    def __str__(self) -> str:
        measure = self.measure
        return (
            f"| {measure.delay_ms:g} ms | {measure.loss:.0%} | {measure.partition} | {self.accepted} "
            f"| {self.lost} | {self.doubled} | {self.again} | {self.median:.1f} s | {self.slowest:.1f} s |"
        )


CONDITIONS = (
    LinkConditions(),
    LinkConditions(20),
    LinkConditions(50, 0.01),
    LinkConditions(100, 0.02),
    LinkConditions(100, 0.05),
    LinkConditions(20, 0.0, ("b",), 20),
    LinkConditions(100, 0.02, ("a", "b"), 20),
    LinkConditions(50, 0.01, ("a", "b", "c"), 15),
)


def measure(stack: ManyHostStack, hosts: dict[str, Host], conditions: LinkConditions, count: int) -> Row:
    for host in hosts.values():
        host.set_link(conditions.delay_ms, conditions.loss)
    try:
        cutting = threading.Thread(target=_cut_links, args=(hosts, conditions))
        cutting.start()
        accepted = _submit(stack, count)
        cutting.join()
        states = _await_verdicts(stack, accepted)
    finally:
        for host in hosts.values():
            host.set_link(0, 0)
    return _judge(conditions, accepted, states)


def _cut_links(hosts: dict[str, Host], conditions: LinkConditions) -> None:
    if conditions.cut:
        # Each submission takes about a second, so after this time some are being judged.
        time.sleep(CUT_AFTER_SECONDS)
        for name in conditions.cut:
            hosts[name].cut_link()
        time.sleep(conditions.cut_seconds)
        for name in conditions.cut:
            hosts[name].restore_link()


def _submit(stack: ManyHostStack, count: int, problem: str = "aplusb") -> list[str]:
    client = stack.client()
    stamp = time.time_ns()
    sources = [SUM.format(seconds=0.3, number=f"{stamp} {number}") for number in range(count)]
    return [client.submit(problem, "python3", source).id for source in sources]


def _await_verdicts(stack: ManyHostStack, accepted: Sequence[str]) -> dict[str, FinalState]:
    def settled() -> bool:
        states = read_states(stack.engine)
        return all(states[id].finished for id in accepted)

    try:
        until(settled, "verdicts", SETTLE_SECONDS)
    except TimeoutError as late:
        print(late, file=sys.stderr)
    return read_states(stack.engine)


def _judge(conditions: LinkConditions, accepted: Sequence[str], states: dict[str, FinalState]) -> Row:
    of_these = [states[id] for id in accepted]
    seconds = [(state.finished - state.submitted).total_seconds() for state in of_these if state.finished]
    return Row(
        measure=conditions,
        accepted=len(accepted),
        lost=sum(state.ending != "DONE/AC" for state in of_these),
        doubled=sum(state.records > 1 for state in of_these),
        again=sum(state.attempt > 1 for state in of_these),
        median=statistics.median(seconds) if seconds else 0.0,
        slowest=max(seconds, default=0.0),
    )


STALE = "import judge_core.messages as p; p.VERSION = 0; "
TOO_NEW = "import judge_core.messages as p; p.VERSION = 2; "
START = "import sys; from workers.__main__ import main; sys.exit(main(['--queue', 'normal']))"


def try_refused_workers(stack: ManyHostStack, host: Host) -> list[tuple[str, bool, str]]:
    """Start each worker that must be refused. Returns its fault, whether it was refused, and the reason that
    it gave."""
    slot = WorkerSlot(host, FIRST_SLOT + 9)
    cases = {
        "wrong token": ("", {"GAVEL_WORKER_TOKEN": "wrong"}, 77),
        "wrong Redis password": ("", {"GAVEL_REDIS_URL": stack.redis_url("worker-normal", PASSWORD[1:])}, 77),
        "stale version": (STALE, {}, 76),
        "too new a version": (TOO_NEW, {}, 76),
    }
    results = []
    for name, (before, changed, status) in cases.items():
        argv = host.command([sys.executable, "-c", before + START])
        environment = {"PATH": "/usr/bin:/bin", **stack.worker_environment(slot, **changed)}
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
        reason = done.stderr.strip().splitlines()[-1].partition("reason=")[2] if done.stderr else ""
        results.append((name, done.returncode == status, reason))
    bare = requests.get(f"{stack.url}/internal/packages/{'a' * 64}", timeout=10)
    results.append(("package without a token", bare.status_code == 401, bare.json()["detail"]))
    return results


def warm_up(stack: ManyHostStack, slots: Sequence[WorkerSlot]) -> None:
    """Submit until every worker has judged a submission. So each host has fetched a package."""
    judged: set[str] = set()
    deadline = time.monotonic() + SETTLE_SECONDS
    while len(judged) < len(slots) and time.monotonic() < deadline:
        accepted = [id for slug in PROBLEMS for id in _submit(stack, len(slots), slug)]
        _await_verdicts(stack, accepted)
        rows = [stack.client().submission(id) for id in accepted]
        judged |= {attempt["worker"] for row in rows for attempt in row["attempts"]}
    assert len(judged) == len(slots), f"only {judged} judged a submission"


def print_results(
    rows: Sequence[Row], fetched: Counter[str], refusals: Sequence[tuple[str, bool, str]]
) -> bool:
    print("\n| round trip | loss | partition | accepted | lost | doubled | again | median | slowest |")
    print("|---|---|---|---|---|---|---|---|---|")
    print(*rows, sep="\n")
    hosts = Counter(line.split()[0] for line in fetched)
    once = all(number == 1 for number in fetched.values()) and len(hosts) == 3
    print(
        f"\npackages fetched: {sum(fetched.values())}, by {len(hosts)} hosts; most often: "
        f"{max(fetched.values(), default=0)} time(s) per host and version"
    )
    for name, refused, reason in refusals:
        print(f"{name}: {'refused' if refused else 'NOT REFUSED'}: {reason}")
    return once and all(row.kept for row in rows) and all(refused for _, refused, _ in refusals)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--submissions",
        type=int,
        default=24,
        help="the submissions that are posted under each set of conditions",
    )
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="netns-") as name,
        virtual_network(["main", "a", "b", "c"]) as net,
    ):
        Path(name).chmod(0o755)
        main_host, others = net["main"], {name: net[name] for name in "abc"}
        move_to(main_host)
        homes = (others["a"], others["a"], others["b"], others["c"])
        slots = [WorkerSlot(host, FIRST_SLOT + number) for number, host in enumerate(homes)]
        with many_host_stack(Path(name), main_host, slots) as stack:
            print("four workers on three hosts are up", flush=True)
            refusals = try_refused_workers(stack, others["c"])
            warm_up(stack, slots)
            rows = []
            for conditions in CONDITIONS:
                rows.append(measure(stack, others, conditions, chosen.submissions))
                print(rows[-1], flush=True)
            fetched = Counter(stack.fetches())
    return 0 if print_results(rows, fetched, refusals) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes of this run are ended
    raise SystemExit(main())
