"""The settings of a worker are read, listed by `gavel settings`, and refused with the fix if they are
wrong."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from judge_api.__main__ import main as gavel
from judge_api.settings import Settings, variable
from judge_api.supervisor.worker_variables import WORKER_VARIABLES
from sandbox.slot import OwnFiles
from workers import settings
from workers.settings import WorkerSettings, WorkerSettingsError


def box_root(value: str) -> Path:
    env = {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CACHE": "/tmp/c", "GAVEL_BOX_ROOT": value}
    return WorkerSettings.from_env(env, "normal").box_root


def test_boxes_use_the_host_s_own_files_unless_a_copy_is_set(tmp_path: Path) -> None:
    (tmp_path / "usr").mkdir()
    assert box_root("") == Path("/")
    assert box_root(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("wrong", ["copy", "/proc", "/does/not/exist"])
def test_a_copy_without_usr_is_refused_with_the_fix(wrong: str) -> None:
    with pytest.raises(
        WorkerSettingsError, match=r"GAVEL_BOX_ROOT=.*must be an absolute path of a folder that holds usr"
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


def test_folders_of_toolchains_are_separated_by_colons() -> None:
    assert toolchain_paths("") == ()
    paths = "/home/anna/.sdkman/candidates/java/current:/opt/go"
    assert toolchain_paths(paths) == (Path("/home/anna/.sdkman/candidates/java/current"), Path("/opt/go"))


@pytest.mark.parametrize("wrong", ["/", "/home", "/home/anna", "/root", "/opt", "/var"])
def test_a_toolchain_folder_that_contains_more_than_a_toolchain_is_refused(wrong: str) -> None:
    with pytest.raises(WorkerSettingsError, match=r"GAVEL_TOOLCHAIN_PATHS=.*more than a toolchain"):
        toolchain_paths(wrong)


@pytest.mark.parametrize("wrong", ["/srv/gavel", "/srv/gavel/cache"])
def test_a_toolchain_folder_within_gavel_s_own_data_is_refused(wrong: str) -> None:
    with pytest.raises(WorkerSettingsError, match=r"Gavel's own data"):
        toolchain_paths(wrong)


@pytest.mark.parametrize("wrong", ["/tmp/go", "/etc/go", "/proc/1/root/opt/go", "/run/go"])
def test_a_toolchain_folder_that_every_box_replaces_is_refused(wrong: str) -> None:
    with pytest.raises(WorkerSettingsError, match=r"install it elsewhere"):
        toolchain_paths(wrong)


@pytest.mark.parametrize("wrong", ["go", "/opt/../etc", "~/go"])
def test_a_toolchain_path_that_is_not_absolute_is_refused(wrong: str) -> None:
    with pytest.raises(WorkerSettingsError, match=r"must be an absolute path"):
        toolchain_paths(wrong)


def languages(value: str) -> frozenset[str]:
    env = {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_LANGUAGES": value}
    return WorkerSettings.from_env(env, "normal").languages


def test_a_worker_offers_the_languages_of_its_setting() -> None:
    assert languages("python3, cpp20") == {"python3", "cpp20"}
    assert languages("") == frozenset()


def test_the_error_for_an_unknown_language_suggests_the_nearest_language() -> None:
    with pytest.raises(WorkerSettingsError, match="no language 'pyhton3'; did you mean python3"):
        languages("cpp20,pyhton3")


def test_gavel_settings_lists_every_variable_that_a_worker_reads() -> None:
    source = Path(settings.__file__).read_text()
    main_server = {variable(each.name) for each in fields(Settings)}
    assert set(re.findall(r"GAVEL_[A-Z_]+", source)) <= {*WORKER_VARIABLES, *main_server}


def test_gavel_settings_shows_the_defaults_that_a_worker_uses() -> None:
    shown = {name: each.default for name, each in WORKER_VARIABLES.items() if each.default}
    given = {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CACHE": "/tmp/c"}
    assert WorkerSettings.from_env({**shown, **given}, "normal") == WorkerSettings.from_env(given, "normal")


def test_gavel_settings_shows_a_toolchain_folder_and_hides_the_token() -> None:
    env = {"GAVEL_TOOLCHAIN_PATHS": "/opt/go", "GAVEL_WORKER_TOKEN": "hunter2"}
    shown = CliRunner(env=env).invoke(gavel, ["settings"])
    assert re.search(r"GAVEL_TOOLCHAIN_PATHS +/opt/go +set", shown.output)
    assert re.search(r"GAVEL_LANGUAGES_DIR ", shown.output)
    assert "hunter2" not in shown.output


def worker_settings(**variables: str) -> WorkerSettings:
    return WorkerSettings.from_env(
        {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CACHE": "/tmp/c", **variables}, "normal"
    )


def test_a_worker_has_a_single_slot_unless_more_are_set() -> None:
    assert worker_settings().side_cpus == ()
    assert worker_settings(GAVEL_SLOTS="3").side_cpus == (None, None)


def test_the_additional_slots_of_a_worker_use_the_cores_after_its_own_core() -> None:
    found = worker_settings(GAVEL_SLOTS="3", GAVEL_SLOT="1", GAVEL_CORES="4-7")
    assert (found.cpus, found.side_cpus) == ((5,), ((6,), (7,)))


@pytest.mark.parametrize("wrong", ["0", "-1", "65", "two", "1e9"])
def test_a_wrong_number_of_slots_is_refused_with_its_bounds(wrong: str) -> None:
    with pytest.raises(WorkerSettingsError, match=r"GAVEL_SLOTS=.*must be (a number|at least 1|at most 64)"):
        worker_settings(GAVEL_SLOTS=wrong)


def own_files(**variables: str) -> WorkerSettings:
    env = {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CACHE": "/tmp/c", **variables}
    return WorkerSettings.from_env(env, "normal")


def test_by_default_a_slot_has_its_own_files_if_the_host_allows_that() -> None:
    assert own_files().own_files is OwnFiles.AUTO
    assert own_files().copy_bytes == 2 << 30
    chosen = own_files(GAVEL_OWN_FILES="require", GAVEL_COPY_BYTES="0")
    assert (chosen.own_files, chosen.copy_bytes) == (OwnFiles.REQUIRE, 0)


def test_an_unknown_word_in_gavel_own_files_is_refused() -> None:
    with pytest.raises(
        WorkerSettingsError, match="GAVEL_OWN_FILES='yes' is wrong: use one of auto, require, no"
    ):
        own_files(GAVEL_OWN_FILES="yes")


@pytest.mark.parametrize(
    "wrong", ["judge.example.org", "judge.example.org:8000", "http://", "ftp://a", "http://a b"]
)
def test_a_server_s_address_without_http_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(WorkerSettingsError, match=r"GAVEL_SERVER_URL=.*must begin with http"):
        worker_settings(GAVEL_SERVER_URL=wrong)
    assert worker_settings(GAVEL_SERVER_URL="https://a:8443/gavel/").server_url == "https://a:8443/gavel"


@pytest.mark.parametrize("wrong", ["0-99999999999", "3-1", "1-", "x", "9" * 5000])
def test_an_impossible_core_in_the_setting_is_refused(wrong: str) -> None:
    with pytest.raises(WorkerSettingsError, match=r"GAVEL_CORES=.*use auto, never, or cores such as"):
        worker_settings(GAVEL_CORES=wrong)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GAVEL_REDIS_URL", "localhost:6379"),
        ("GAVEL_REDIS_URL", "redis://host:port/0"),
        ("GAVEL_REDIS_URL", "sentinel://host:26379"),
        ("GAVEL_LOG_LEVEL", "verbose"),
    ],
)
def test_a_wrong_address_or_log_setting_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(WorkerSettingsError, match=f"^{name}=.* is wrong: use "):
        WorkerSettings.from_env(
            {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CACHE": "/tmp/c", name: value}, "normal"
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GAVEL_REDIS_URL", "rediss://worker-a:p%40ss@host:6380/2"),
        ("GAVEL_REDIS_URL", "redis://[::1]:6379"),
        ("GAVEL_REDIS_URL", "unix:///run/redis%20a.sock?db=1"),
        ("GAVEL_REDIS_URL", "sentinel://u:p@one:26379,two:26379/name/0"),
        ("GAVEL_LOG_LEVEL", "debug"),
    ],
)
def test_a_valid_address_or_log_setting_is_accepted(name: str, value: str) -> None:
    WorkerSettings.from_env({"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CACHE": "/tmp/c", name: value}, "normal")


@pytest.mark.parametrize("url", ["redis://u:secret@host:port/0", "u:secret@host"])
def test_the_refusal_of_an_address_shows_no_password(url: str) -> None:
    with pytest.raises(WorkerSettingsError) as refused:
        WorkerSettings.from_env({"GAVEL_REDIS_URL": url, "GAVEL_CACHE": "/tmp/c"}, "normal")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("gpu box", "no spaces"),
        ("büro-1", "signs of ASCII"),
        ("x" * 151, "at most 150"),
        ("worker-1@host7", "leave out the @"),
    ],
)
def test_an_invalid_name_of_a_worker_is_refused_with_the_fix(name: str, fix: str) -> None:
    env = {"GAVEL_REDIS_URL": "redis://x", "GAVEL_CACHE": "/tmp/c", "GAVEL_WORKER_NAME": name}
    with pytest.raises(WorkerSettingsError, match=rf"GAVEL_WORKER_NAME=.*{fix}"):
        WorkerSettings.from_env(env, "normal")


@pytest.mark.parametrize(
    ("name", "url"),
    [("gpu@host7", "redis://x"), ("worker-1", "redis://x"), ("worker-1@a", "redis://worker-1:p@x")],
)
def test_valid_names_of_workers_are_accepted(name: str, url: str) -> None:
    env = {"GAVEL_REDIS_URL": url, "GAVEL_CACHE": "/tmp/c", "GAVEL_WORKER_NAME": name}
    assert WorkerSettings.from_env(env, "normal").name == name
