"""The solutions that packages describe, as rendered text. The solutions of the last ``_MOST_KEPT`` versions
are kept in memory."""

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
        self._lock, self._rendering = threading.Lock(), threading.Lock()

    def of(self, version: str) -> Solution:
        """The solution of a version. It is empty if the package has none.

        Only one solution is rendered at a time, because its author decides how much memory and time the
        rendering takes, up to the limits of a statement.
        """
        if (known := self._known(version)) is not None:
            return known
        with self._rendering:
            if (known := self._known(version)) is not None:
                return known  # Another request has rendered it meanwhile.
            found = read_solution(self._packages, version)
            self._keep(version, found)
        return found

    def _known(self, version: str) -> Solution | None:
        with self._lock:
            if version in self._kept:
                self._kept.move_to_end(version)
            return self._kept.get(version)

    def _keep(self, version: str, found: Solution) -> None:
        with self._lock:
            self._kept[version] = found
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
