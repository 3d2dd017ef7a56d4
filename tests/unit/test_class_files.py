"""Main methods are found in class files, and bytes that are not class files do no harm."""

from __future__ import annotations

import random
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from judge_core.languages import load_languages
from workers.judging.class_files import Budget, MainMethod, main_methods, read_main
from workers.judging.sources import NoEntryPoint, SourceFile, entry_wish, find_entry_point, make_bundle

JAVA = load_languages()["java"]
PUBLIC, PRIVATE, STATIC = 0x0001, 0x0002, 0x0008
ARRAY = "([Ljava/lang/String;)V"


@dataclass(frozen=True)
class Method:
    name: str = "main"
    kind: str = ARRAY
    access: int = PUBLIC | STATIC
    line: int = 3


def class_file(
    name: str, *methods: Method, access: int = PUBLIC, source: str = "Main.java", version: int = 61
) -> bytes:
    """A class file as compilers write it."""
    texts = ["Code", "LineNumberTable", "SourceFile", source, name]
    for method in methods:
        texts += [method.name, method.kind]
    constants = b"".join(b"\x01" + struct.pack(">H", len(text.encode())) + text.encode() for text in texts)
    constants += b"\x05" + bytes(8) + b"\x07" + struct.pack(">H", 5)  # a long takes two entries
    this = len(texts) + 3
    head = struct.pack(">IHHH", 0xCAFEBABE, 0, version, this + 1) + constants
    body = b""
    for number, method in enumerate(methods):
        table = struct.pack(">HHH", 1, 0, method.line)
        lines = struct.pack(">HI", 2, len(table)) + table
        code = struct.pack(">HHI", 1, 1, 1) + b"\xb1" + struct.pack(">HH", 0, 1) + lines
        body += struct.pack(">HHHH", method.access, 6 + 2 * number, 7 + 2 * number, 1)
        body += struct.pack(">HI", 1, len(code)) + code
    rest = struct.pack(">HHHHH", access, this, 0, 0, 0) + struct.pack(">H", len(methods)) + body
    return head + rest + struct.pack(">HHIH", 1, 3, 2, 4)


MAIN = class_file("Main", Method())


def compiled(folder: Path, **classes: bytes) -> Path:
    for name, content in classes.items():
        path = folder / f"{name.replace('__', '/')}.class"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def started(folder: Path, entrypoint: str = "", *names: str) -> str:
    files = [SourceFile(name, b"") for name in names or ("Main.java",)]
    return find_entry_point(JAVA, make_bundle(JAVA, files, (), entrypoint), folder).class_name


def test_a_main_method_is_found_with_its_class_source_file_and_line() -> None:
    assert read_main(class_file("p/Outer$In", Method("f"), Method(line=9)), Budget()) == MainMethod(
        "p.Outer$In", True, "Main.java", 9
    )


@pytest.mark.parametrize(
    ("method", "version", "is_started"),
    [
        (Method(), 61, True),
        (Method(access=STATIC), 61, False),
        (Method(access=PUBLIC), 61, False),
        (Method(kind="()V"), 61, False),
        (Method(kind="(I)V"), 61, False),
        (Method(name="domain"), 61, False),
        (Method(kind="()V", access=0), 69, True),
        (Method(access=STATIC), 69, True),
        (Method(kind="()V", access=PRIVATE), 69, False),
    ],
)
def test_only_methods_that_the_java_launcher_would_start_count_as_main_methods(
    method: Method, version: int, is_started: bool
) -> None:
    assert (read_main(class_file("Main", method, version=version), Budget()) is not None) is is_started


@pytest.mark.parametrize(
    ("classes", "entrypoint", "expected"),
    [
        ({"A": class_file("A", access=0), "B": class_file("B", Method(), access=0)}, "", "B"),
        ({"A": class_file("A", Method(), access=0), "B": class_file("B", Method())}, "", "B"),
        ({"A": class_file("A", Method(line=9)), "A$N": class_file("A$N", Method(line=2))}, "", "A"),
        ({"B": class_file("B", Method(line=2)), "A": class_file("A", Method(line=7))}, "", "B"),
        ({"p__q__A": class_file("p/q/A", Method())}, "", "p.q.A"),
        ({"A$N": class_file("A$N", Method()), "A": class_file("A")}, "", "A$N"),
        ({"A": class_file("A", Method()), "p__B": class_file("p/B", Method())}, "p.B", "p.B"),
        ({"A": class_file("A", Method()), "p__B": class_file("p/B", Method())}, "B", "p.B"),
        ({"A": class_file("A", Method(), source="A.java"), "Main": MAIN}, "", "Main"),
        ({"elsewhere": class_file("A", Method()), "Main": MAIN}, "", "Main"),
        ({"-cp": class_file("-cp", Method()), "Main": MAIN}, "", "Main"),
        ({"Größe": class_file("Größe", Method())}, "", "Größe"),
    ],
    ids=[
        "not-the-first",
        "the-public-one",
        "not-the-nested-one",
        "the-first-in-the-source",
        "in-a-package",
        "nested",
        "asked-for",
        "asked-for-without-package",
        "of-the-main-file",
        "name-of-another-file",
        "no-option-of-the-launcher",
        "letters-of-all-languages",
    ],
)
def test_the_class_with_the_main_method_is_started(
    classes: dict[str, bytes], entrypoint: str, expected: str, tmp_path: Path
) -> None:
    assert started(compiled(tmp_path, **classes), entrypoint) == expected


def test_the_main_file_s_class_is_preferred_if_several_classes_have_a_main_method(tmp_path: Path) -> None:
    compiled(tmp_path, A=class_file("A", Method(), source="A.java"), Main=MAIN)
    assert started(tmp_path, "", "A.java", "Main.java") == "Main"


def test_the_author_gets_a_note_that_says_which_of_several_classes_is_started(tmp_path: Path) -> None:
    compiled(tmp_path, A=class_file("A", Method(), access=0), Main=MAIN)
    entry = find_entry_point(JAVA, make_bundle(JAVA, [SourceFile("Main.java", b"")]), tmp_path)
    assert entry.note == "Several classes have a main method: Main is started, not A."


def test_the_error_for_a_program_without_a_main_method_shows_the_missing_line(tmp_path: Path) -> None:
    compiled(tmp_path, Solution=class_file("Solution", Method("solve")))
    with pytest.raises(NoEntryPoint, match=r"no main method.*public static void main\(String\[\] args\)"):
        started(tmp_path)


def jar(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def test_in_a_jar_the_main_methods_of_the_kotlin_runtime_are_not_chosen(tmp_path: Path) -> None:
    files = {
        "kotlin/Run.class": class_file("kotlin/Run", Method()),
        "p/MyKt.class": class_file("p/MyKt", Method()),
    }
    jar(tmp_path / "program.jar", files)
    assert started(tmp_path) == "p.MyKt"


def test_a_jar_whose_entry_is_longer_than_its_declared_size_has_no_main_method(tmp_path: Path) -> None:
    jar(tmp_path / "program.jar", {"A.class": class_file("A", Method()) + bytes(1 << 20)})
    content = (tmp_path / "program.jar").read_bytes()
    real = struct.pack("<I", len(class_file("A", Method())) + (1 << 20))
    (tmp_path / "program.jar").write_bytes(content.replace(real, struct.pack("<I", 20)))
    assert main_methods(tmp_path) == []


@pytest.mark.parametrize("seed", range(20))
def test_damaged_class_files_and_jars_raise_no_error(seed: int, tmp_path: Path) -> None:
    """Bytes are changed, cut off and inserted, because the files are untrusted and may have any content."""
    chance = random.Random(seed)
    jar(tmp_path / "whole.jar", {"Main.class": MAIN})
    whole = (tmp_path / "whole.jar").read_bytes()
    for _ in range(200):
        for content, name in ((MAIN, "Main.class"), (whole, "program.jar")):
            damaged = bytearray(content[: chance.randrange(len(content) + 1)])
            for _ in range(chance.randrange(4)):
                damaged[chance.randrange(len(damaged) + 1) :][:1] = chance.randbytes(1)
                if damaged:
                    damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            read_main(bytes(damaged), Budget())
            (tmp_path / name).write_bytes(damaged)
        main_methods(tmp_path)


def test_a_hundred_reads_of_a_class_file_full_of_constants_use_up_the_budget() -> None:
    head = struct.pack(">IHHH", 0xCAFEBABE, 0, 61, 65535) + b"\x01\x00\x04main" + b"\x08\x00\x01" * 65533
    budget = Budget(constants=200_000)
    assert [read_main(head, budget) for _ in range(100)] == [None] * 100
    assert budget.constants < 0


def test_the_requested_entry_point_of_a_java_program_is_part_of_the_cache_key() -> None:
    files = [SourceFile("A.java", b"class A {}"), SourceFile("B.java", b"class B {}")]
    wishes = {entry_wish(JAVA, make_bundle(JAVA, files, (), wish)) for wish in ("", "A", "B", "p.B")}
    assert len(wishes) == 4
    assert entry_wish(load_languages()["c17"], make_bundle(JAVA, files)) == ""
