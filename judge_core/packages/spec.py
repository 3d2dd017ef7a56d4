"""The public part of a package: statements, samples, limits and starter code. It never has the secret
tests."""

from __future__ import annotations

from pathlib import Path

from judge_core.languages import languages_named, load_languages
from judge_core.model.problem import ProblemSpec, Sample, Statement
from judge_core.packages.package import Package, TestGroup

SAMPLE_BYTES = 64 * 1024


def problem_spec(package: Package, version: str, statements: tuple[Statement, ...]) -> ProblemSpec:
    """The problem as clients see it. ``version`` is the package's content hash."""
    meta = package.metadata
    names = meta.names or {each.language: each.name for each in statements if each.name}
    return ProblemSpec(
        slug=package.slug,
        version=version,
        name=names.get("en") or next(iter(names.values()), package.slug),
        names=names,
        type=meta.type,
        limits=meta.limits,
        tests_total=len(package.cases),
        authors=meta.authors,
        source=meta.source,
        license=meta.license,
        rights_owner=meta.rights_owner,
        keywords=meta.keywords,
        languages=_languages(meta.languages),
        samples=read_samples(package),
        statements=statements,
        attachments=_attachments(package),
        starters=_starters(package),
        max_score=None if meta.minimize else best_score(package),
        embargo_until=meta.embargo_until,
        extras=meta.extras,
        required_files=meta.required_files,
    )


def _languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of the languages that a package's codes mean. A code that means no language of Gavel stays as
    it is."""
    return tuple(dict.fromkeys(id for code in codes for id in languages_named(code) or (code,)))


def read_samples(package: Package) -> tuple[Sample, ...]:
    """The samples of the statement. Each has an ``.interaction`` file, or its input and output, or the files
    that replace these two."""
    folder = package.folder / "data" / "sample"
    hints = {
        case.name.removeprefix("sample/"): case.settings.hint for case in package.cases if case.is_sample
    }
    interactions = {path.stem for path in folder.rglob("*.interaction")} if folder.is_dir() else set()
    statements = {path.name.removesuffix(".in.statement") for path in folder.glob("*.in.statement")}
    found = []
    for name in sorted({*hints, *interactions, *statements}):
        if name in interactions:
            found.append(Sample(name, "", "", hints.get(name), _text(folder / f"{name}.interaction")))
        elif not package.metadata.type.interactive:
            found.append(Sample(name, *_shown_texts(folder, name), hints.get(name)))
    return tuple(found)


def _shown_texts(folder: Path, name: str) -> tuple[str, str]:
    inputs = (f"{name}.in.statement", f"{name}.in")
    outputs = (f"{name}.ans.statement", f"{name}.out", f"{name}.ans")
    return _first_text(folder, inputs), _first_text(folder, outputs)


def _first_text(folder: Path, names: tuple[str, ...]) -> str:
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    return _text(path) if path else ""


def _text(path: Path) -> str:
    """The text of a sample. A long text is cut, with a note."""
    with path.open("rb") as file:
        content = file.read(SAMPLE_BYTES + 1)
    text = content[:SAMPLE_BYTES].decode("utf-8", errors="replace")
    return text if len(content) <= SAMPLE_BYTES else f"{text}\n[cut at {SAMPLE_BYTES // 1024} KiB]"


def _attachments(package: Package) -> tuple[str, ...]:
    root = package.folder / "attachments"
    files = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else []
    starters = _starter_files(root)
    return tuple(path.relative_to(root).as_posix() for path in files if path not in starters)


def _starters(package: Package) -> dict[str, str]:
    """Starter code per language id, from ``attachments/starter.<extension>``: for all languages whose
    programs have this extension."""
    return {
        language.id: _text(path)
        for path in _starter_files(package.folder / "attachments")
        for language in load_languages().values()
        if path.suffix in language.extensions
    }


def _starter_files(attachments: Path) -> list[Path]:
    return sorted(attachments.glob("starter.*")) if attachments.is_dir() else []


def best_score(package: Package) -> float | None:
    """The best possible score if the package states it. If the aim is a low score, it is the lowest one."""
    if not package.metadata.type.scoring:
        return None
    if package.metadata.minimize:
        low = package.data.settings.low
        return None if low == float("-inf") else low
    secret = next(
        (p for p in package.data.parts if isinstance(p, TestGroup) and p.name == "secret"), package.data
    )
    for settings in (secret.settings, package.data.settings):
        for bound in (settings.max_score, settings.high):
            if bound is not None and bound != float("inf"):
                return bound
    return None
