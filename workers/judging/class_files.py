"""Finds main methods in the class files that a JVM compiler made from a submission's source.

The bytes are untrusted: the submitter chooses strings that a compiler writes into them, and there may be
other files than the compiler's. A file that is not a class, or too large, has no main method. Nothing is read
beyond its end, and a :class:`Budget` bounds the work for a whole program.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_MAGIC = 0xCAFEBABE
_PUBLIC, _PRIVATE, _STATIC = 0x0001, 0x0002, 0x0008
_MAIN, _ARRAY, _NOTHING = "main", "([Ljava/lang/String;)V", "()V"
_INSTANCE_MAIN_VERSION = 69
"""The class file version of Java 25, whose launcher starts any main method that is not private."""
_UTF8, _CLASS = 1, 7
_CONSTANT_BYTES = {
    **dict.fromkeys((8, 16, 19, 20), 2),
    15: 3,
    **dict.fromkeys((3, 4, 9, 10, 11, 12, 17, 18), 4),
    **dict.fromkeys((5, 6), 8),
}
"""The sizes of all constants but UTF-8 texts and classes, by their tag."""
_TWO_PLACES = (5, 6)
_MAX_CLASS_BYTES = 4 << 20
_MAX_JAR_BYTES = 64 << 20
_END_OF_JAR, _JAR_ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_RUNTIME = ("kotlin/", "kotlinx/", "META-INF/", "org/jetbrains/", "org/intellij/")
"""The beginnings of entries that kotlinc puts into a jar besides the program."""


@dataclass(frozen=True, slots=True)
class MainMethod:
    """A main method that the Java launcher can start: the binary name of its class, and its place in the
    source."""

    class_name: str
    is_public: bool
    source: str
    line: int

    @property
    def is_nested(self) -> bool:
        return "$" in self.class_name


@dataclass(slots=True)
class Budget:
    """How much of a program may still be read: the bytes of all files, and the constants of files that may
    have a main method."""

    bytes: int = 256 << 20
    constants: int = 2_000_000

    def take(self, size: int) -> bool:
        """Count a file of this size. Returns whether it may be read."""
        self.bytes -= size
        return 0 <= size <= _MAX_CLASS_BYTES and self.bytes >= 0


def main_methods(folder: Path) -> list[MainMethod]:
    """The main methods in the class files and jars below a folder, one of each class, within a Budget."""
    budget = Budget()
    found = []
    for name, content in _classes(folder, budget):
        main = read_main(content, budget)
        if main is not None and main.class_name.replace(".", "/") == name.removesuffix(".class"):
            found.append(main)
    return found


def _classes(folder: Path, budget: Budget) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".class" and path.is_file() and budget.take(path.stat().st_size):
            yield path.relative_to(folder).as_posix(), path.read_bytes()
        elif path.suffix == ".jar" and path.is_file() and path.stat().st_size <= _MAX_JAR_BYTES:
            yield from _classes_in_jar(path.read_bytes(), budget)


def _classes_in_jar(jar: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """The program's own classes in a jar, found by the directory at the jar's end. If the directory is
    damaged, the remaining classes are left out."""
    end = jar.rfind(_END_OF_JAR)
    try:
        (place,) = struct.unpack_from("<I", jar, end + 16) if end >= 0 else (len(jar),)
        while jar[place : place + 4] == _JAR_ENTRY:
            method, packed, size = struct.unpack_from("<H8xII", jar, place + 10)
            lengths = struct.unpack_from("<HHH", jar, place + 28)
            (header,) = struct.unpack_from("<I", jar, place + 42)
            name = jar[place + 46 : place + 46 + lengths[0]].decode("utf-8", errors="replace")
            place += 46 + sum(lengths)
            if name.endswith(".class") and not name.startswith(_RUNTIME) and budget.take(size):
                yield name, _unpack(jar, header, method, packed, size)
    except (struct.error, zlib.error):
        return


def _unpack(jar: bytes, header: int, method: int, packed: int, size: int) -> bytes:
    """One file of a jar, with at most the number of bytes in its directory entry."""
    name, extra = struct.unpack_from("<HH", jar, header + 26)
    start = header + 30 + name + extra
    content = jar[start : start + packed]
    return zlib.decompressobj(-15).decompress(content, size + 1)[:size] if method else content[:size]


def read_main(content: bytes, budget: Budget) -> MainMethod | None:
    """The main method of a class file. ``None`` if there is none, or if this is no class file."""
    if _MAIN.encode() not in content:
        return None
    try:
        return _ClassFile(content, budget).main_method()
    except (struct.error, KeyError, ValueError):
        return None


@dataclass(slots=True)
class _Reader:
    """Reads one structure after another. Raises struct.error at the end of the content."""

    content: bytes
    place: int = 0

    def take(self, form: str) -> tuple[int, ...]:
        """The next numbers, in a format of ``struct``."""
        values = struct.unpack_from(form, self.content, self.place)
        self.place += struct.calcsize(form)
        return values

    def skip(self, length: int) -> None:
        """Skip this many bytes."""
        self.place += length

    def piece(self, length: int) -> bytes:
        """The next ``length`` bytes, or fewer at the end."""
        self.skip(length)
        return self.content[self.place - length : self.place]

    def attributes(self, texts: Mapping[int, str]) -> dict[str, bytes]:
        """The attributes that begin here, by name."""
        found = {}
        for _ in range(self.take(">H")[0]):
            name, length = self.take(">HI")
            found[texts.get(name, "")] = self.piece(length)
        return found


class _ClassFile:
    """Reads one class file (JVM specification, chapter 4)."""

    def __init__(self, content: bytes, budget: Budget) -> None:
        self._reader = _Reader(content)
        magic, _, self._version, count = self._reader.take(">IHHH")
        budget.constants -= count
        if magic != _MAGIC or budget.constants < 0:
            raise ValueError("not a class file, or more constants than are read of one program")
        self._texts: dict[int, str] = {}
        self._class_names: dict[int, int] = {}
        self._read_constants(count)

    def _read_constants(self, count: int) -> None:
        reader, number = self._reader, 1
        while number < count:
            (tag,) = reader.take(">B")
            if tag == _UTF8:
                self._texts[number] = reader.piece(*reader.take(">H")).decode("utf-8", errors="replace")
            elif tag == _CLASS:
                (self._class_names[number],) = reader.take(">H")
            else:
                reader.skip(_CONSTANT_BYTES[tag])
            number += 2 if tag in _TWO_PLACES else 1

    def main_method(self) -> MainMethod | None:
        reader = self._reader
        access, this, _, interfaces = reader.take(">HHHH")
        reader.skip(2 * interfaces)
        for _ in range(reader.take(">H")[0]):
            reader.take(">HHH")
            reader.attributes(self._texts)
        line = self._line_of_main()
        if line is None:
            return None
        source = reader.attributes(self._texts).get("SourceFile")
        file = self._texts[struct.unpack(">H", source)[0]] if source else ""
        name = self._texts[self._class_names[this]].replace("/", ".")
        return MainMethod(name, bool(access & _PUBLIC), file, line)

    def _line_of_main(self) -> int | None:
        """The line of the main method, or 0 if it is not known. ``None`` if there is no main method."""
        line = None
        for _ in range(self._reader.take(">H")[0]):
            access, name, kind = self._reader.take(">HHH")
            attributes = self._reader.attributes(self._texts)
            if self._texts.get(name) == _MAIN and self._is_started(access, self._texts.get(kind, "")):
                line = self._first_line(attributes.get("Code", b""))
        return line

    def _is_started(self, access: int, kind: str) -> bool:
        if access & _PUBLIC and access & _STATIC and kind == _ARRAY:
            return True
        is_new = self._version >= _INSTANCE_MAIN_VERSION
        return is_new and not access & _PRIVATE and kind in (_ARRAY, _NOTHING)

    def _first_line(self, code: bytes) -> int:
        """The first line in a Code attribute's LineNumberTable."""
        if not code:
            return 0
        reader = _Reader(code, 4)
        reader.skip(*reader.take(">I"))
        reader.skip(8 * reader.take(">H")[0])
        table = reader.attributes(self._texts).get("LineNumberTable", b"")
        return int(struct.unpack_from(">H", table, 4)[0]) if len(table) >= 6 else 0
