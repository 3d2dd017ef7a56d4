"""A language as data: how its sources are named, compiled and run. Each language has a TOML file, in the
catalog or in the operator's folder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A small program that shows that the language works on a host, with its input and the output that it
    must print."""

    source: str
    stdin: str
    stdout: str


@dataclass(frozen=True, slots=True)
class Language:
    """How to judge one language.

    ``compile`` and ``run`` are argument lists. The first word is the name of a program, which the worker
    looks up. The worker fills in ``{sources}`` (every file to compile, one argument each), ``{main}`` (the
    entry file), ``{src}`` (the folder of the sources), ``{main_folder}`` (the entry file's folder),
    ``{package}`` (the names of the files to compile there), ``{out}`` (the folder whose contents are the
    compiled program), ``{program}`` (the path of that folder during a run), ``{stem}`` (the entry file
    without its extension) and ``{memory_mb}``. ``{linker}`` (the fastest linker) and ``{node_types}`` (where
    tsc finds @types/node) are replaced by flags or by nothing. If ``compile`` is empty, the sources are the
    program. ``{class}`` is the class to start. It is looked up in the class files or the jar that the
    compiler made. If no class has a main method, the verdict is a compile error with ``main_hint``.
    ``keep_sources`` puts the sources beside the compiled files. It is for languages whose ``compile`` only
    checks the sources.

    ``check_after_failure`` is for languages in which a source that fails the check cannot run a single line
    and never ends with exit code 0. Their check is made only after a run that did not end with exit code 0.

    A problem's driver is a file named ``main_name``; the submission beside it is named ``source_name``.
    ``seccomp_profile`` and ``compile_seccomp_profile`` (``needs`` and ``compile_needs`` in the file) name the
    system calls of the program and of its compiler. ``processes`` is how many threads the language's runtime
    needs. ``memory_overhead_mb`` is how much memory the runtime takes in addition to the program.
    ``time_factor`` multiplies time limits that were chosen for faster languages (see ``LanguageExtras``).
    ``headers`` are precompiled once per worker host. ``class_archive`` says that the compiler runs on a JVM,
    which starts faster with its classes archived, and takes ``-J`` flags. ``out_of_memory`` are words that
    the runtime prints on stderr when memory runs out. If several languages have the same file extension, the
    extension means the language with the greatest ``rank``. ``note`` is a sentence for authors about a
    peculiarity of this language here.
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
    """A language, and whether it works now. ``version`` is set if it does, else ``reason`` says why not."""

    language: Language
    available: bool
    version: str | None = None
    reason: str | None = None
