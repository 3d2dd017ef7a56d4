"""A package store that reads packages in a child process with bounded time and memory.

Authors are not trusted. It takes long to unpack two gigabytes or to read 20,000 files. An API process serves
all its clients in one thread, so it would answer none of them meanwhile.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, BinaryIO

from judge_core.languages import use_own_languages
from judge_core.model.problem import ProblemSpec
from judge_core.model.program_files import ProgramFiles
from judge_core.model.submission import Verdict
from judge_core.packages.diagnostics import BrokenPackage, Diagnostic
from judge_core.packages.file_changes import FileChange
from judge_core.packages.package_store import (
    ADDING,
    BundledSubmission,
    PackageStore,
    ReferenceSolution,
    StoredPackage,
)
from judge_core.packages.settings_form import NoForm, SettingsForm, Value, dump_form, load_form, open_form
from judge_core.packages.statements.bounded_child import MIB, ChildFailed, ChildLimits, run_child
from judge_core.packages.upload import UploadLimits

LIMITS = ChildLimits(
    seconds=300,
    output_bytes=256 * MIB,
    memory_bytes=2048 * MIB,
    own_group=True,
    file_bytes=UploadLimits().total_bytes + 64 * MIB,
)
_UPLOAD = "upload.zip"


class BoundedPackageStore(PackageStore):
    """Reads each package in a child process.

    Raises ``BrokenPackage`` for a package that cannot be read within the limits.
    """

    def __init__(self, folder: Path, languages: Path | None = None, limits: ChildLimits = LIMITS) -> None:
        super().__init__(folder)
        self._languages = languages
        self._limits = limits

    def add_zip(
        self, source: Path | BinaryIO, default_slug: str | None = None, slug: str | None = None
    ) -> StoredPackage:
        with tempfile.TemporaryDirectory(prefix="gavel-adding-") as name:
            scratch = Path(name)
            if isinstance(source, Path):
                shutil.copyfile(source, scratch / _UPLOAD)
            else:
                source.seek(0)
                with (scratch / _UPLOAD).open("wb") as copy:
                    shutil.copyfileobj(source, copy, MIB)
            return _load_stored(self._call(scratch, "add_zip", str(scratch / _UPLOAD), default_slug, slug))

    def bundled_submissions(self, hash: str) -> list[BundledSubmission]:
        with tempfile.TemporaryDirectory(prefix="gavel-bundled-") as name:
            return [_load_bundled(each) for each in self._call(Path(name), "bundled_submissions", hash)]

    def add_changed(self, hash: str, changes: Sequence[FileChange]) -> StoredPackage:
        with tempfile.TemporaryDirectory(prefix="gavel-adding-") as name:
            return _load_stored(self._call(Path(name), "add_changed", hash, *_dump_changes(changes)))

    def preview(self, hash: str, changes: Sequence[FileChange]) -> ProblemSpec:
        with tempfile.TemporaryDirectory(prefix="gavel-preview-") as name:
            return ProblemSpec.from_json(self._call(Path(name), "preview", hash, *_dump_changes(changes)))

    def export(self, hash: str, format: str, out: IO[bytes]) -> tuple[Diagnostic, ...]:
        with tempfile.TemporaryDirectory(prefix="gavel-export-") as name:
            target = Path(name) / "exported.zip"
            notes = self._call(Path(name), "export", hash, format, str(target))
            with target.open("rb") as made:
                shutil.copyfileobj(made, out, MIB)
            return tuple(Diagnostic(**note) for note in notes)

    def form(self, path: str, text: str, changes: Mapping[str, Value | None]) -> SettingsForm:
        """The form of a YAML file. Raises ``NoForm``."""
        with tempfile.TemporaryDirectory(prefix="gavel-form-") as name:
            try:
                return load_form(self._call(Path(name), "form", path, text, dict(changes)))
            except BrokenPackage as error:
                raise NoForm(error.faults[0].message) from error

    def _call(self, scratch: Path, method: str, *arguments: Any) -> Any:
        prefix = f"{ADDING}{secrets.token_hex(8)}-"
        request = {
            "folder": str(self._folder.absolute()),
            "prefix": prefix,
            "languages": str(self._languages.absolute()) if self._languages else None,
            "method": method,
            "arguments": arguments,
        }
        try:
            output = run_child(
                [sys.executable, "-P", "-m", __name__],
                json.dumps(request, allow_nan=False).encode(),
                self._limits,
                scratch,
            )
        except ChildFailed as error:
            for left in self._folder.glob(f"{prefix}*"):
                left.unlink(missing_ok=True)
            lines = str(error).strip().splitlines()
            why = f"cannot be read within bounded time and memory: {lines[-1][:200]}"
            raise BrokenPackage((Diagnostic("package", why),)) from error
        answer = json.loads(output)
        if "faults" in answer:
            raise BrokenPackage(tuple(Diagnostic(**fault) for fault in answer["faults"]))
        return answer["result"]


def _dump_changes(changes: Sequence[FileChange]) -> list[list[str | None]]:
    return [[change.path, change.encoded, change.source] for change in changes]


def _dump_stored(stored: StoredPackage) -> dict[str, Any]:
    solutions = [_dump_solution(each) for each in stored.reference_solutions]
    return {**asdict(stored), "spec": stored.spec.to_json(), "reference_solutions": solutions}


def _dump_solution(solution: ReferenceSolution) -> dict[str, Any]:
    files = solution.files.to_json() if solution.files else None
    return {"language": solution.language, "source": solution.source, "files": files}


def _load_solution(data: dict[str, Any]) -> ReferenceSolution:
    files = ProgramFiles.from_json(data["files"]) if data["files"] else None
    return ReferenceSolution(data["language"], data["source"], files)


def _load_stored(data: dict[str, Any]) -> StoredPackage:
    return StoredPackage(
        data["slug"],
        data["hash"],
        ProblemSpec.from_json(data["spec"]),
        tuple(Diagnostic(**fault) for fault in data["warnings"]),
        tuple(map(_load_solution, data["reference_solutions"])),
        data["judging_hash"],
        data["uuid"],
    )


def _dump_bundled(bundled: BundledSubmission) -> dict[str, Any]:
    solution = _dump_solution(bundled.solution) if bundled.solution else None
    expected = [verdict.value for verdict in bundled.expected]
    return {"name": bundled.name, "expected": expected, "solution": solution}


def _load_bundled(data: dict[str, Any]) -> BundledSubmission:
    solution = _load_solution(data["solution"]) if data["solution"] else None
    return BundledSubmission(data["name"], frozenset(map(Verdict, data["expected"])), solution)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    if request["languages"]:
        use_own_languages(Path(request["languages"]))
    store = PackageStore(Path(request["folder"]), request["prefix"])
    try:
        if request["method"] == "add_zip":
            path, default_slug, slug = request["arguments"]
            return {"result": _dump_stored(store.add_zip(Path(path), default_slug, slug))}
        if request["method"] == "form":
            return {"result": dump_form(open_form(*request["arguments"]))}
        if request["method"] == "export":
            hash, format, target = request["arguments"]
            with Path(target).open("wb") as out:
                return {"result": [asdict(note) for note in store.export(hash, format, out)]}
        if request["method"] in ("add_changed", "preview"):
            hash, *changed = request["arguments"]
            changes = [FileChange(*each) for each in changed]
            if request["method"] == "preview":
                return {"result": store.preview(hash, changes).to_json()}
            return {"result": _dump_stored(store.add_changed(hash, changes))}
        return {"result": [_dump_bundled(each) for each in store.bundled_submissions(*request["arguments"])]}
    except BrokenPackage as error:
        return {"faults": [asdict(fault) for fault in error.faults]}
    except NoForm as error:
        return {"faults": [asdict(Diagnostic("form", str(error)))]}


def main() -> None:
    """Handle the request on standard input, and print the answer."""
    json.dump(_answer(json.load(sys.stdin)), sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
