"""The solutions that packages explain, rendered once for each version and kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict

from judge_core.packages import PackageStore
from judge_core.packages.solutions import Solution, read_solution

_MOST_KEPT = 64


class ProblemSolutions:
    def __init__(self, packages: PackageStore) -> None:
        self._packages = packages
        self._kept: OrderedDict[str, Solution] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, version: str) -> Solution:
        """The solution of a version; empty if its package has none."""
        with self._lock:
            if (known := self._kept.get(version)) is not None:
                self._kept.move_to_end(version)
                return known
        found = read_solution(self._packages, version)
        with self._lock:
            self._kept[version] = found
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found
