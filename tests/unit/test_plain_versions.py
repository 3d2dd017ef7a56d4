"""Languages show plain versions, and not the banner of a compiler."""

from __future__ import annotations

import pytest

from workers.judging.toolchains import plain_version


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", "12.2.0"),
        ("Debian clang version 14.0.6", "14.0.6"),
        ("javac 17.0.15", "17.0.15"),
        ("go version go1.19.8 linux/amd64", "1.19.8"),
        ("The Glorious Glasgow Haskell Compilation System, version 9.0.2", "9.0.2"),
        ("Mono C# compiler version 6.8.0.105", "6.8.0.105"),
        ("Scala compiler version 2.11.12 -- Copyright 2002-2017, LAMP/EPFL", "2.11.12"),
        ("info: kotlinc-jvm 2.4.20 (JRE 17.0.15+6-Debian-1deb12u1)", "2.4.20"),
        ("v20.20.2", "20.20.2"),
        ("Python 3.9.16 (7.3.11+dfsg-2+deb12u3, Dec 30 2024, 22:36:23)", "3.9.16"),
        ("PHP 8.2.36 (cli) (built: Mar 1 2026 12:00:00) (NTS)", "8.2.36"),
        ("ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]", "3.1.2"),
        ("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)", "5.2.15"),
        ("Rscript (R) version 4.2.2 (2022-10-31)", "4.2.2"),
        ("Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio", "5.4.4"),
        ("rustc 1.63.0", "1.63.0"),
        ("Version 5.9.3", "5.9.3"),
        ("Nim Compiler Version 1.6.10 [Linux: amd64]", "1.6.10"),
        ("Welcome to Racket v8.7 [cs].", "8.7"),
        ("SBCL 2.2.9.debian", "2.2.9"),
        ("GNATMAKE 12.2.0", "12.2.0"),
        ("Swift version 6.0.3 (swift-6.0.3-RELEASE)", "6.0.3"),
        ("This is perl 5, version 36 (v5.36.0) built for x86_64", "5.36.0"),
        ("25", "25"),
        ("4.13.1", "4.13.1"),
        (
            "3.11.2 (numpy 1.24.2, scipy 1.10.1, pandas 1.5.3)",
            "3.11.2 (numpy 1.24.2, scipy 1.10.1, pandas 1.5.3)",
        ),
        ("unknown version", "unknown version"),
    ],
)
def test_the_version_is_extracted_from_the_banner_of_a_compiler(line: str, version: str) -> None:
    assert plain_version(line) == version
