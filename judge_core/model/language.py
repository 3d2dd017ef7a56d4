"""A language as data: how its sources are named, compiled and run. One TOML file each in the catalog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A small program that proves the language works here, with what it must print."""

    source: str
    stdin: str
    stdout: str


@dataclass(frozen=True, slots=True)
class Language:
    """How to judge one language.

    ``compile`` and ``run`` are argument lists whose first word is a program name, looked up by the worker.
    Filled in by the worker: ``{sources}`` (every file to compile, one argument each), ``{main}`` (the entry
    file), ``{src}`` (the folder of the sources), ``{main_folder}`` (the entry file's folder), ``{package}``
    (the names of the files to compile there), ``{out}`` (the folder whose contents are the compiled program),
    ``{program}`` (the path of that folder during a run), ``{stem}`` (the entry file without its extension)
    and ``{memory_mb}``. ``{linker}`` (the fastest linker) and ``{node_types}`` (where tsc finds @types/node)
    are flags, or nothing. An empty ``compile`` means: the sources are the program. ``{class}`` is the class
    to start, found in the class files or the jar that the compiler made. Without a main method it is a
    compile error, to which ``main_hint`` is added. ``keep_sources`` puts the sources beside what was
    compiled: for languages whose ``compile`` only checks them. With ``check_after_failure``, a source that
    fails the check cannot run a single line and never ends with exit code 0. So the check is made only after
    a run that ended otherwise.

    A problem's driver is a file named ``main_name``; the submission beside it is named ``source_name``.
    ``seccomp_profile`` and ``compile_seccomp_profile`` (``needs`` and ``compile_needs`` in the file) name the
    system calls of the program and of its compiler. ``processes`` is how many threads its runtime needs, and
    ``memory_overhead_mb`` how much memory the runtime takes beside the program. ``time_factor`` multiplies
    time limits that were chosen for faster languages (see ``LanguageExtras``). ``headers`` are worth
    precompiling once per worker host; ``class_archive`` says that the compiler runs on a JVM which starts
    faster with its classes archived (and takes ``-J`` flags). ``out_of_memory`` are words on stderr by which
    its runtime says that the memory ran out. ``rank`` decides which language a file extension means: the
    greatest wins. ``note`` is a sentence for authors about a peculiarity of this language here.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    extensions: tuple[str, ...]
    source_name: str
    version_command: tuple[str, ...]
    compile: tuple[str, ...]
    run: tuple[str, ...]
    self_test: SelfTest
    main_name: str = ""
    keep_sources: bool = False
    check_after_failure: bool = False
    seccomp_profile: str = "native"
    compile_seccomp_profile: str = "compiler"
    processes: int = 16
    memory_overhead_mb: int = 0
    compile_seconds: float = 30.0
    compile_memory_mb: int = 1024
    compile_processes: int = 64
    time_factor: float = 1.0
    environment: tuple[tuple[str, str], ...] = ()
    editor_mode: str = "text"
    starter: str = ""
    kattis_id: str | None = None
    rank: int = 0
    headers: tuple[str, ...] = ()
    class_archive: bool = False
    main_hint: str = ""
    out_of_memory: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class OfferedLanguage:
    """A language and whether it works now: its ``version`` if it does, else the ``reason`` why not."""

    language: Language
    available: bool
    version: str | None = None
    reason: str | None = None
