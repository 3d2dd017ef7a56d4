"""Toolchains outside /usr, by the folders that GAVEL_TOOLCHAIN_PATHS names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from judge_core.model.language import Language
from workers.judging.toolchains import SEARCH_PATH


def folders_there(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The folders that exist now, for boxes to show."""
    return tuple(path for path in paths if path.is_dir())


def search_path_with(paths: Iterable[Path]) -> tuple[str, ...]:
    """The search path of programs: the toolchains' folders and their ``bin`` first."""
    own = tuple(str(each) for path in paths for each in (path / "bin", path))
    return (*own, *SEARCH_PATH)


def with_search_path(languages: Mapping[str, Language], search_path: tuple[str, ...]) -> dict[str, Language]:
    """Languages whose programs in boxes find each other in these folders as well."""
    if search_path == SEARCH_PATH:
        return dict(languages)
    path = ("PATH", ":".join(search_path))
    return {id: replace(each, environment=(path, *each.environment)) for id, each in languages.items()}
