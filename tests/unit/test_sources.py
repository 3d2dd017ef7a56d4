"""The name of a Java file and the first include are read from a source before it is compiled."""

from __future__ import annotations

import subprocess
import sys

import pytest

from judge_core.languages import load_languages
from workers.judging.sources import SourceFile, make_bundle
from workers.judging.toolchain_cache import first_include

LANGUAGES = load_languages()


@pytest.mark.parametrize(
    ("source", "header"),
    [
        (b"#include <bits/stdc++.h>\n", "bits/stdc++.h"),
        (b"#include<iostream>\nint main() {}\n", "iostream"),
        (b"// mine\n/* two\n   lines */ /**/\n#pragma GCC optimize(3)\n # include  <iostream>", "iostream"),
        (b"#pragma once\n#pragma x\n\n\t#include <a>", "a"),
        (b'#include "own.h"\n#include <iostream>\n', ""),
        (b"int x;\n#include <iostream>\n", ""),
        (b"/* never closed\n#include <iostream>\n", ""),
        (b"// no end of line", ""),
        (b"#include <iostream\n>", ""),
        (b"", ""),
    ],
)
def test_the_first_include_of_a_source_is_found(source: bytes, header: str) -> None:
    assert first_include(source) == header


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("public class A { static void main(String[] a) {} }", "A.java"),
        ("/* public class B { */ class C { public static void main(String[] a) {} }", "C.java"),
        ("package p.q;\npublic final class A { static void main() {} }", "A.java"),
        ("\n\n  package p;class A{String s=\"public class B\";char c='\"',d='\\'';}", "A.java"),
        ('class A { String s = """\n public class B { \\""" don\'t\n"""; static void main() {} }', "A.java"),
        ('class A { static void main() { f("\\\\"); g("\\""); } } class B {}', "A.java"),
        ("public class A /* never closed", "A.java"),
        ("class Helper { public class Inner {} } public class Task { }", "Task.java"),
        ("class Helper { } public abstract non-sealed class Task { }", "Task.java"),
        ("@Deprecated @Run(with = Other.class) public class Task { }", "Task.java"),
        ('@SuppressWarnings({"a", "b"}) public record Task(int x) { }', "Task.java"),
        ("class $1 { boolean is(Object object) { return object instanceof $1; } }", "$1.java"),
        (r"\u0070ublic class \uu6d4b\u8bd5 { }", "测试.java"),
        (r'class A { String s = "\\u0022; class B { }"; } public class C { }', "C.java"),
        ("void main() { IO.println(1); }", "Main.java"),
        ("record Point(int x) { } void main() { new Point(1); }", "Main.java"),
        ("import java.util.*; class Node { void main() { } } static void main(String[] a) { }", "Main.java"),
        ("record main(int x) { } class Task { }", "main.java"),
        ("class Main { } final int MAX = 9; void main() { }", "Main_.java"),
        ("int x;", "Main.java"),
        ("", "Main.java"),
    ],
)
def test_a_java_file_without_a_name_is_named_after_its_public_class(source: str, name: str) -> None:
    assert make_bundle(LANGUAGES["java"], [SourceFile("", source.encode())]).main == name


@pytest.mark.parametrize("name", ["A" * 196, "名" * 66, "A" * 251, "名" * 90, "A" * 200_000], ids=len)
def test_a_java_file_is_named_main_java_if_its_class_name_is_too_long_for_a_file(name: str) -> None:
    made = make_bundle(LANGUAGES["java"], [SourceFile("", f"public class {name} {{}}".encode())])
    assert made.main in ("Main.java", f"{name}.java")
    assert (made.main == "Main.java") is (len(name.encode()) > 195)


READS_ALL = """
import sys
from judge_core.languages import load_languages
from workers.judging.toolchain_cache import first_include
from workers.judging.sources import SourceFile, make_bundle

languages = load_languages()
for start in ("", '"', "// x\\n"):
    for piece in sys.argv[1:]:
        text = start + piece * ((256 * 1024 - len(start)) // len(piece))
        source = text.encode() + b"int main(){return 0;}"
        first_include(source)
        for language in ("java", "scala", "kotlin"):
            make_bundle(languages[language], [SourceFile("", source)])
        make_bundle(languages["cpp20"], [SourceFile("a.cpp", source), SourceFile("b.h", source)])
print("read")
"""
PIECES = ["/**/", "/* */\n", "/*", '\\"', '"\n', '"""\\', "'\\", "\n", " ", "package", "#include "]


def test_sources_of_the_greatest_size_are_read_within_a_minute() -> None:
    """Most of these sources once took many minutes, and the whole process stood still meanwhile."""
    command = [sys.executable, "-c", READS_ALL, *PIECES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "read\n", done.stderr
