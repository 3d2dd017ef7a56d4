"""Small libraries that the processes of a chaos run are preloaded with; compiled when they are needed."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SOURCES = Path(__file__).parent
_NS = 1_000_000_000


def build_shim(name: str, folder: Path) -> Path:
    """Compile ``name.c``; returns the library."""
    library = folder / f"{name}.so"
    source = _SOURCES / f"{name}.c"
    flags = ("-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")
    subprocess.run(["gcc", *flags, "-o", str(library), str(source), "-ldl"], check=True)
    return library


@dataclass(frozen=True, slots=True)
class ShiftedClocks:
    """The wall clocks of the processes of a stack, by name: api, dispatcher, and the workers' names."""

    folder: Path
    roles: tuple[str, ...] = ("api", "dispatcher", "normal-1", "premium-1")

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.reset()

    def shift(self, role: str, seconds: float) -> None:
        """Set a process's clock so far ahead of the host's, at once and also after its restart."""
        with (self.folder / role).open("r+b" if (self.folder / role).exists() else "wb") as file:
            file.write(struct.pack("=q", int(seconds * _NS)))

    def reset(self) -> None:
        """Set all clocks to the host's."""
        for role in self.roles:
            self.shift(role, 0)
