"""Kattis' names of languages."""

from __future__ import annotations

from collections.abc import Mapping

BY_NAME: Mapping[str, str] = {
    "Ada": "ada",
    "Assembly": "assembly",
    "Bash": "bash",
    "C": "c17",
    "C#": "csharp",
    "C++": "cpp17",
    "Common Lisp": "commonlisp",
    "D": "d",
    "Elixir": "elixir",
    "Erlang": "erlang",
    "Fortran": "fortran",
    "Go": "go",
    "Haskell": "haskell",
    "Java": "java",
    "JavaScript (Node.js)": "javascript",
    "JavaScript (SpiderMonkey)": "javascript",
    "Kotlin": "kotlin",
    "Lua": "lua",
    "Nim": "nim",
    "OCaml": "ocaml",
    "Octave": "octave",
    "Pascal": "pascal",
    "Perl": "perl",
    "PHP": "php",
    "Python 3": "python3",
    "Racket": "racket",
    "Ruby": "ruby",
    "Rust": "rust",
    "Scala": "scala",
    "Swift": "swift",
    "TypeScript": "typescript",
    "Zig": "zig",
}


def our_language(name: str) -> str:
    """Gavel's id of a language. A name that Kattis does not have is used as an id or alias of Gavel."""
    return BY_NAME.get(name, name)


def their_language(id: str) -> str:
    """The name of a language that Kattis' clients show."""
    return next((name for name, each in BY_NAME.items() if each == id), id)
