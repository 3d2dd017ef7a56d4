"""The feedback folder of a validator: messages, scores and the next pass's input, as files on the host."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox import InputFile

NAME = "feedback"
_MESSAGE_BYTES = 16 * 1024
_NUMBER_BYTES = 100


@dataclass(frozen=True, slots=True)
class Feedback:
    """One feedback folder, copied out of the sandbox. Only the beginning of a file is read, so files of any
    size are safe."""

    folder: Path

    def file(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path.is_file() else None

    def text(self, name: str) -> str:
        """The beginning of the message in a file. Empty if there is no file."""
        return self._head(name, _MESSAGE_BYTES).decode("utf-8", errors="replace").strip()

    def number(self, name: str) -> float | None:
        """The number in a file. ``None`` if there is no file, and NaN if the file has no number."""
        if self.file(name) is None:
            return None
        try:
            return float(self._head(name, _NUMBER_BYTES))
        except ValueError:
            return float("nan")

    def _head(self, name: str, size: int) -> bytes:
        path = self.file(name)
        if path is None:
            return b""
        with path.open("rb") as file:
            return file.read(size)


def files_of_previous_passes(folder: Path | None) -> tuple[InputFile, ...]:
    """The feedback of the previous passes, as files for the validator of the next pass."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder else []
    files = [InputFile(f"{NAME}/{path.relative_to(folder).as_posix()}", path) for path in paths if folder]
    has_keep_file = any(file.name == f"{NAME}/.keep" for file in files)
    return tuple(files) if has_keep_file else (*files, InputFile(f"{NAME}/.keep", b""))
