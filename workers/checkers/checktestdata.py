"""Input validators written in Checktestdata (``.ctd``): a grammar, interpreted by a library in the sandbox.

The grammar and the library are put into one Python program, which runs like every other validator. So the
worker's own process interprets no grammar.
"""

from __future__ import annotations

from importlib.resources import files

from workers.judging.sources import SourceFile

ENDING = ".ctd"
_MAIN = b"""import pathlib
import sys

from checktestdata.pyctd import main

sys.argv = [sys.argv[0], str(pathlib.Path(__file__).with_name("grammar.ctd"))]
try:
    main()
except SystemExit as ended:
    # Translates the library's exit codes to the format's: 0 accepts, 1 refuses, the rest are faults.
    sys.exit({None: 42, 0: 42, 1: 43}.get(ended.code, ended.code))
sys.exit(42)
"""


def as_program(grammar: bytes) -> list[SourceFile]:
    """The files of a Python program that checks its input against a grammar."""
    library = files("checktestdata")
    modules = [each for each in library.iterdir() if each.name.endswith(".py") and each.name != "__main__.py"]
    return [
        SourceFile("main.py", _MAIN),
        SourceFile("grammar.ctd", grammar),
        *(SourceFile(f"checktestdata/{each.name}", each.read_bytes()) for each in modules),
    ]
