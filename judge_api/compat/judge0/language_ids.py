"""Judge0's language ids in its two editions, with Gavel's ids of the same languages.

The ids of both releases are accepted: for Python, clients of 1.13.1 send 71, and clients of 1.14.0 send 113.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: its base path, the version it reports, and its language ids, the newest last."""

    name: str
    prefix: str
    version: str
    languages: Mapping[int, str]
    with_libraries: Mapping[int, str] = field(default_factory=dict)
    """The ids of "Python for ML", each with Gavel's language that has the libraries.

    An id may also be in ``languages``. While no worker has the libraries, the id means its language in
    ``languages``.
    """

    def language(self, id: int, available: Collection[str]) -> str | None:
        """The language of an id. ``available`` has the languages that run here now."""
        wanted = self.with_libraries.get(id)
        if wanted is not None and (wanted in available or id not in self.languages):
            return wanted
        return self.languages.get(id)

    def ids(self) -> list[int]:
        """All language ids of this edition."""
        return sorted({*self.languages, *self.with_libraries})

    def id_of(self, language: str) -> int:
        """The newest id of this language. 0 if Judge0 does not have the language."""
        pairs = {**self.with_libraries, **self.languages}.items()
        return max((id for id, name in pairs if name == language), default=0)


def _by_id(names: Mapping[str, tuple[int, ...]]) -> dict[int, str]:
    return {id: name for name, ids in names.items() for id in ids}


COMMON = Edition(
    "judge0",
    "/judge0",
    "1.14.0",
    _by_id(
        {
            "assembly": (45,),
            "bash": (46,),
            "c17": (48, 49, 50, 103),
            "c17-clang": (75, 104, 110),
            "commonlisp": (55,),
            "cpp17": (52, 53, 54, 105),
            "cpp20-clang": (76,),
            "csharp": (51,),
            "d": (56,),
            "elixir": (57,),
            "erlang": (58,),
            "fortran": (59,),
            "go": (60, 95, 106, 107),
            "haskell": (61,),
            "java": (62, 91),
            "javascript": (63, 93, 97, 102),
            "kotlin": (78, 111),
            "lua": (64,),
            "ocaml": (65,),
            "octave": (66,),
            "pascal": (67,),
            "perl": (85,),
            "php": (68, 98),
            "python3": (71, 92, 100, 109, 113),
            "r": (80, 99),
            "ruby": (72,),
            "rust": (73, 108),
            "scala": (81, 112),
            "sql": (82,),
            "swift": (83,),
            "typescript": (74, 94, 101),
        }
    ),
)
EXTRA = Edition(
    "judge0_extra",
    "/judge0/extra",
    "1.14.0-extra",
    _by_id(
        {
            "c17-clang": (1,),
            "cpp20-clang": (2,),
            "csharp": (22, 30),
            "java": (4,),
            "nim": (9,),
            "pypy3": (28,),
            "python3": (33,),
        }
    ),
    dict.fromkeys((10, 25, 33), "python3-scientific"),
)
