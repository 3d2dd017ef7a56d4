"""A worker's settings: the copy of the system that its boxes use."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.settings import SettingsError, WorkerSettings


def box_root(value: str) -> Path:
    env = {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CACHE": "/tmp/c", "GAVEL_BOX_ROOT": value}
    return WorkerSettings.from_env(env, "normal").box_root


def test_boxes_use_the_hosts_own_files_unless_a_copy_is_named(tmp_path: Path) -> None:
    (tmp_path / "usr").mkdir()
    assert box_root("") == Path("/")
    assert box_root(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("wrong", ["copy", "/proc", "/does/not/exist"])
def test_a_copy_without_usr_is_refused_with_the_cure(wrong: str) -> None:
    with pytest.raises(
        SettingsError, match=r"GAVEL_BOX_ROOT=.*must be an absolute path of a folder that holds usr"
    ):
        box_root(wrong)


def toolchain_paths(value: str) -> tuple[Path, ...]:
    env = {
        "GAVEL_REDIS_URL": "unix:///r",
        "GAVEL_CACHE": "/srv/gavel/cache",
        "GAVEL_DATA": "/srv/gavel",
        "HOME": "/home/anna",
        "GAVEL_TOOLCHAIN_PATHS": value,
    }
    return WorkerSettings.from_env(env, "normal").toolchain_paths


def test_toolchains_outside_usr_are_named_with_colons() -> None:
    assert toolchain_paths("") == ()
    paths = "/home/anna/.sdkman/candidates/java/current:/opt/go"
    assert toolchain_paths(paths) == (Path("/home/anna/.sdkman/candidates/java/current"), Path("/opt/go"))


@pytest.mark.parametrize("wrong", ["/", "/home", "/home/anna", "/root", "/opt", "/var"])
def test_a_folder_of_more_than_a_toolchain_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"GAVEL_TOOLCHAIN_PATHS=.*more than a toolchain"):
        toolchain_paths(wrong)


@pytest.mark.parametrize("wrong", ["/srv/gavel", "/srv/gavel/cache"])
def test_gavels_own_data_is_never_shown_to_programs(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"Gavel's own data"):
        toolchain_paths(wrong)


@pytest.mark.parametrize("wrong", ["/tmp/go", "/etc/go", "/proc/1/root/opt/go", "/run/go"])
def test_places_that_boxes_have_of_their_own_are_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"install it elsewhere"):
        toolchain_paths(wrong)


@pytest.mark.parametrize("wrong", ["go", "/opt/../etc", "~/go"])
def test_a_path_that_is_not_absolute_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"must be an absolute path"):
        toolchain_paths(wrong)


def languages(value: str) -> frozenset[str]:
    env = {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_LANGUAGES": value}
    return WorkerSettings.from_env(env, "normal").languages


def test_a_worker_offers_the_languages_that_it_is_asked_for() -> None:
    assert languages("python3, cpp20") == {"python3", "cpp20"}
    assert languages("") == frozenset()


def test_a_language_that_is_not_there_is_named_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match="no language 'pyhton3'; did you mean python3"):
        languages("cpp20,pyhton3")
