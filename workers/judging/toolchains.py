"""Finds out which languages work on this host, by running each toolchain in the sandbox."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

from judge_core.model.language import Language, OfferedLanguage
from sandbox import MIB, Cancelled, Command, Ending, Limits, RunReport, Sandbox, SandboxError
from workers.judging.errors import LanguageUnavailable
from workers.judging.version_cache import NoVersionCache, VersionCache, key_of

_LINKERS = ("mold", "lld", "gold")
_DOTTED = re.compile(r"\d+(?:\.\d+)+")
PATHS_SETTING = "GAVEL_TOOLCHAIN_PATHS"
SEARCH_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
_INSTALLATIONS = ("/var/lib/dpkg/status", "/etc/alternatives", "/etc/ld.so.cache")
_LIBRARIES = ("/usr/lib/python3/dist-packages", "/usr/local/lib")
_VERSION_LIMITS = Limits(cpu_seconds=30, wall_seconds=120, memory_bytes=1024 * MIB, processes=64)


@dataclass(frozen=True, slots=True)
class Toolchains:
    """Finds the toolchains' programs in folders that every sandbox shows.

    ``host_path`` are further folders of the host, which sandboxes do not show. If a missing program is found
    there, the reason why its language is missing says where.
    """

    search_path: tuple[str, ...] = SEARCH_PATH
    host_path: tuple[str, ...] = ()

    def find(self, program: str) -> str | None:
        """The absolute path of a program, which is the same inside the sandbox."""
        return _find(program, self.search_path)

    def resolve(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """A command with its program's path. Raises LanguageUnavailable if this host lacks the program."""
        if argv[0].startswith(("/", "{")):
            return argv
        path = self.find(argv[0])
        if path is None:
            raise LanguageUnavailable(f"{argv[0]} is not installed on this worker")
        return (path, *argv[1:])

    def identity(self, language: Language) -> tuple[tuple[str, int, int] | None, ...]:
        """The paths, times and sizes of a language's programs; None for each program that is not on this
        host."""
        return tuple(_identity(self.find(name)) for name in required_programs(language))

    def linker_flags(self) -> tuple[str, ...]:
        """The flag with which GCC and Clang use the fastest linker on this host. Empty for their default
        linker."""
        return _linker_flags(self.search_path)

    def node_types_flags(self) -> tuple[str, ...]:
        """The flags with which tsc knows Node.js's own modules. Empty if @types/node is not installed beside
        tsc."""
        return _node_types_flags(self.search_path)

    def offer(
        self, sandbox: Sandbox, languages: Iterable[Language], versions: VersionCache | None = None
    ) -> dict[str, OfferedLanguage]:
        """Each language with its version, or with the reason why it does not work on this host.

        ``versions`` has the versions of toolchains that have not changed since they were asked.
        """
        known: dict[tuple[str, ...], OfferedLanguage] = {}
        host = key_of(host_state(self.search_path))
        remembered = _HostVersions(versions or NoVersionCache(), host)
        return {each.id: self._offer_language(sandbox, each, known, remembered) for each in languages}

    def _offer_language(
        self,
        sandbox: Sandbox,
        language: Language,
        known: dict[tuple[str, ...], OfferedLanguage],
        remembered: _HostVersions,
    ) -> OfferedLanguage:
        missing = [name for name in required_programs(language) if self.find(name) is None]
        if missing:
            return OfferedLanguage(language, False, reason=self._missing_reason(missing))
        key = (*language.version_command, language.compile_seccomp_profile)
        if key not in known:
            known[key] = self._ask_or_remember(sandbox, language, remembered)
        found = known[key]
        return OfferedLanguage(language, found.available, found.version, found.reason)

    def _ask_or_remember(
        self, sandbox: Sandbox, language: Language, remembered: _HostVersions
    ) -> OfferedLanguage:
        key = remembered.key(language, self.identity(language))
        version = remembered.versions.find(key)
        if version is not None:
            return OfferedLanguage(language, True, version=version)
        found = self._run_version_command(sandbox, language)
        if found.version is not None:
            remembered.versions.put(key, found.version)
        return found

    def _missing_reason(self, programs: list[str]) -> str:
        """The reason why a language is missing, with its missing programs. If a program is in a folder that
        boxes do not show, the reason says where."""
        for name in programs:
            path = shutil.which(name, path=":".join(self.host_path)) if self.host_path else None
            if path is not None:
                return (
                    f"{name} is not installed where programs are judged: {path} is outside /usr; name its "
                    f"toolchain's folder in {PATHS_SETTING}"
                )
        verb = "is" if len(programs) == 1 else "are"
        return f"{', '.join(programs)} {verb} not installed ({PATHS_SETTING} names toolchains outside /usr)"

    def _run_version_command(self, sandbox: Sandbox, language: Language) -> OfferedLanguage:
        try:
            return OfferedLanguage(language, True, version=plain_version(self.version(sandbox, language)))
        except LanguageUnavailable as fault:
            return OfferedLanguage(language, False, reason=fault.reason)
        except Cancelled:
            raise  # This does not show that the language fails.
        except SandboxError as error:
            return OfferedLanguage(
                language, False, reason=f"the sandbox could not ask for its version: {error}"
            )

    def version(self, sandbox: Sandbox, language: Language) -> str:
        """The version that a toolchain prints. Raises LanguageUnavailable if its command fails, and
        SandboxError if the sandbox fails."""
        command = Command(
            argv=self.resolve(language.version_command),
            limits=_VERSION_LIMITS,
            seccomp_profile=language.compile_seccomp_profile,
            environment=dict(language.environment),
            merge_stderr=True,
        )
        report = sandbox.run(command)
        if report.ending is not Ending.EXITED or report.exit_code != 0:
            raise LanguageUnavailable(_failure_reason(report))
        return _first_line(report.stdout)


@dataclass(frozen=True, slots=True)
class _HostVersions:
    """Cached versions for one state of the host."""

    versions: VersionCache
    host: str

    def key(self, language: Language, identity: object) -> str:
        command = (language.version_command, language.environment, language.compile_seccomp_profile)
        return key_of(self.host, command, identity)


@cache
def _find(program: str, search_path: tuple[str, ...]) -> str | None:
    """The path of a program, cached until ``forget_toolchains``."""
    return shutil.which(program, path=":".join(search_path))


@cache
def _linker_flags(search_path: tuple[str, ...]) -> tuple[str, ...]:
    here = (name for name in _LINKERS if _find(f"ld.{name}", search_path) is not None)
    return tuple(f"-fuse-ld={name}" for name in islice(here, 1))


@cache
def _node_types_flags(search_path: tuple[str, ...]) -> tuple[str, ...]:
    """The flags for Node's types. The browser's types are left out, so a program may define ``name`` or
    ``status``."""
    compiler = Path(_find("tsc", search_path) or "/").resolve()
    roots = (each / "@types" for each in compiler.parents if each.name == "node_modules")
    here = next((root for root in roots if (root / "node").is_dir()), None)
    return ("--typeRoots", str(here), "--types", "node", "--lib", "es2023") if here else ()


def forget_toolchains() -> None:
    """Search for every program again, since programs may have been installed or removed."""
    for remembered in (_find, _linker_flags, _node_types_flags):
        remembered.cache_clear()


def host_state(search_path: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """The modification times of folders and files that change when software is installed or removed."""
    folders = sorted(Path("/usr/local/lib").glob("python3*/dist-packages"))
    paths = (*search_path, *_INSTALLATIONS, *_LIBRARIES, *map(str, folders))
    return tuple((path, _modified_ns(path)) for path in paths)


def _modified_ns(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _identity(path: str | None) -> tuple[str, int, int] | None:
    try:
        status = Path(path or "").stat() if path else None
    except OSError:
        return None
    return (path or "", status.st_mtime_ns, status.st_size) if status else None


def plain_version(line: str) -> str:
    """The version in the line that a toolchain prints, such as 12.2.0 in `gcc (Debian 12.2.0-14) 12.2.0`.

    A line that begins with a digit is a version already. A line without a number is returned as it is.
    """
    if line[:1].isdigit():
        return line
    outside = re.sub(r"\([^()]*\)", " ", line)
    hit = _DOTTED.search(outside) or _DOTTED.search(line) or re.search(r"\d+", line)
    return hit.group(0) if hit else line


def required_programs(language: Language) -> list[str]:
    """The programs that judging in this language needs."""
    commands = (language.version_command, language.compile, language.run)
    names = [argv[0] for argv in commands if argv and not argv[0].startswith("{")]
    return sorted(set(names))


def _first_line(output: bytes) -> str:
    lines = output.decode("utf-8", errors="replace").strip().splitlines()
    # PyPy prints a warning first, because boxes have no /proc/cpuinfo.
    lines = [line for line in lines if not line.startswith("Warning:")]
    return lines[0].strip()[:120] if lines else "unknown version"


def _failure_reason(report: RunReport) -> str:
    return f"its version command ended with {report.ending.value}: {_first_line(report.stdout)}"


def folders_there(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The folders among these that exist now. Boxes show them."""
    return tuple(path for path in paths if path.is_dir())


def search_path_with(paths: Iterable[Path]) -> tuple[str, ...]:
    """The search path of programs: the toolchains' folders and their ``bin`` first."""
    own = tuple(str(each) for path in paths for each in (path / "bin", path))
    return (*own, *SEARCH_PATH)


def with_search_path(languages: Mapping[str, Language], search_path: tuple[str, ...]) -> dict[str, Language]:
    """The languages, with an environment in which programs in boxes also find each other in these folders."""
    if search_path == SEARCH_PATH:
        return dict(languages)
    path = ("PATH", ":".join(search_path))
    return {id: replace(each, environment=(path, *each.environment)) for id, each in languages.items()}
