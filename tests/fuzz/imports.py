"""Imports damaged packages in other judges' formats: ``python -m tests.fuzz.imports --minutes 5``.

Files are missing, or words and bytes of a file are changed. Each package must be imported, or refused with
``BrokenPackage`` and no other exception. A refused package must leave no files behind.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import tempfile
import time
from pathlib import Path

from judge_core.packages import BrokenPackage
from judge_core.packages.formats import import_problems
from tests.golden.test_imports import IMPORTS, lay_out

_TEXTS = (".xml", ".yml", ".yaml", ".json", "GEN", ".md")
_TOKENS = (
    b"null", b"-1", b"1e400", b"[]", b"{}", b'"x"', b"\x00", b"\xff\xfe", b"../", b"%s", b"9" * 30, b"true",
    b"&a", b"*a", b"<a/>", b"", b"\n", b": ", b"nan", b"!!python/object:os.system",
    "²".encode(), b'"\\ud83d"',
)  # fmt: skip
_WORD = re.compile(rb"[\w.]+")


class Importer:
    """Damages packages one by one below ``place``. A seed always makes the same damage."""

    def __init__(self, place: Path, seed: int) -> None:
        self._place, self._random = place, random.Random(seed)
        names = sorted(path.name for path in IMPORTS.iterdir() if path.is_dir())
        self._packages = [lay_out(name, place / "given") for name in names]

    def run(self) -> None:
        """Damage and import one package."""
        folder, out = self._place / "damaged", self._place / "out"
        for path in (folder, out):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self._random.choice(self._packages), folder)
        for _ in range(self._random.randint(1, 3)):
            self._damage(folder)
        try:
            import_problems(folder, out)
        except BrokenPackage:
            assert not out.exists() or not any(out.iterdir()), "a refused package must leave no file"

    def _damage(self, folder: Path) -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        texts = [path for path in files if path.name.endswith(_TEXTS)]
        if not texts or self._random.random() < 0.2:
            if files:
                self._random.choice(files).unlink()
            return
        path = self._random.choice(texts)
        path.write_bytes(self._changed(path.read_bytes()))

    def _changed(self, content: bytes) -> bytes:
        """The content with one word, or a few bytes, replaced."""
        words = [hit.span() for hit in _WORD.finditer(content)]
        if words and self._random.random() < 0.7:
            begin, end = self._random.choice(words)
        else:
            begin = self._random.randrange(len(content) + 1)
            end = begin + self._random.randint(0, 3)
        return content[:begin] + self._random.choice(_TOKENS) + content[end:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    end, count = time.monotonic() + options.minutes * 60, 0
    with tempfile.TemporaryDirectory(prefix="gavel-fuzz-imports-") as place:
        importer = Importer(Path(place), options.seed)
        while time.monotonic() < end:
            importer.run()
            count += 1
    print(f"{count} damaged packages, seed {options.seed}")


if __name__ == "__main__":
    main()
