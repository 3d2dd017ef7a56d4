"""The settings of the main server have defaults, wrong values are refused by name, and secrets are not shown.
gunicorn imports in the right order."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis.connection import parse_url
from sqlalchemy import make_url

from judge_api.settings import Settings, SettingsError, SignUp, describe_settings, listen_address
from judge_api.supervisor.data_folder import MAX_SOCKET_PATH_BYTES, DataFolder
from judge_api.supervisor.redis_server import redis_url
from judge_core.model.account import Quotas, Tier


def test_the_default_addresses_follow_the_data_folder_and_the_port(tmp_path: Path) -> None:
    settings = Settings.from_env({"GAVEL_DATA": str(tmp_path), "GAVEL_PORT": "8123"})
    assert settings.database_url == f"sqlite:///{tmp_path}/gavel.db"
    assert settings.redis_url == f"unix://{tmp_path}/redis.sock"
    assert settings.public_url == "http://127.0.0.1:8123"
    assert settings.max_unfinished == {Tier.NORMAL: 20, Tier.PREMIUM: 200}


@pytest.mark.parametrize(
    ("text", "normal", "premium"),
    [("7", 7, 7), ("normal=3", 3, 200), ("normal=3, premium=9", 3, 9)],
)
def test_a_limit_may_be_set_for_all_tiers_or_for_a_named_tier(text: str, normal: int, premium: int) -> None:
    settings = Settings.from_env({"GAVEL_MAX_UNFINISHED": text})
    assert settings.max_unfinished == {Tier.NORMAL: normal, Tier.PREMIUM: premium}


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("GAVEL_PORT", "http"),
        ("GAVEL_SOURCE_BYTES", "0"),
        ("GAVEL_SIGN_UP", "maybe"),
        ("GAVEL_LEASE_SECONDS", "nan"),
        ("GAVEL_LOG_FORMAT", "xml"),
        ("GAVEL_MAX_UNFINISHED", "gold=3"),
        ("GAVEL_PORT", "70000"),
        ("GAVEL_DATA", ""),
        ("GAVEL_DATABASE_URL", ""),
        ("GAVEL_REDIS_URL", " "),
        ("GAVEL_HOST", ""),
        ("GAVEL_PUBLIC_URL", "judge.example.org"),
        ("GAVEL_PUBLIC_URL", "judge.example.org:8000"),
        ("GAVEL_PUBLIC_URL", "http://"),
        ("GAVEL_PUBLIC_URL", "https://judge.example.org:port"),
        ("GAVEL_PUBLIC_URL", "https://[judge.example.org"),
        ("GAVEL_PUBLIC_URL", "https://judge.example.org/#"),
        ("GAVEL_CORS_ORIGINS", "a.example"),
        ("GAVEL_CORS_ORIGINS", "https://a.example/app"),
        ("GAVEL_MAIL_FROM", "Gavel"),
        ("GAVEL_MAIL_FROM", "gavel@example.org, other@example.org"),
        ("GAVEL_MAIL_FROM", "Gavel <gavel>"),
        ("GAVEL_MAIL_FROM", "gavel@ex\r\nBcc: a@b"),
    ],
)
def test_a_wrong_value_of_a_setting_is_refused_with_the_setting_s_name(variable: str, text: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_env({variable: text})


def test_settings_that_are_lists_of_words_or_enums_are_read() -> None:
    settings = Settings.from_env(
        {"GAVEL_CORS_ORIGINS": "https://a.example, https://b.example", "GAVEL_SIGN_UP": "closed"}
    )
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.sign_up is SignUp.CLOSED


def test_an_address_may_have_a_slash_at_its_end_and_capital_letters() -> None:
    env = {"GAVEL_PUBLIC_URL": "https://Judge.example.org/gavel/", "GAVEL_CORS_ORIGINS": "https://A.example/"}
    settings = Settings.from_env({**env, "GAVEL_MAIL_FROM": "The judge <gavel@example.org>"})
    assert settings.public_url == "https://Judge.example.org/gavel"
    assert settings.cors_origins == ("https://a.example",)
    assert settings.mail_from == "The judge <gavel@example.org>"
    assert Settings.from_env({"GAVEL_CORS_ORIGINS": "*"}).cors_origins == ("*",)


def test_the_default_public_address_follows_the_host_even_if_the_host_is_an_ipv6_address() -> None:
    assert Settings.from_env({"GAVEL_HOST": "::1"}).public_url == "http://[::1]:8000"
    assert Settings.from_env({"GAVEL_HOST": "h", "GAVEL_PUBLIC_URL": ""}).public_url == "http://h:8000"
    assert [listen_address(host, 80) for host in ("::", "[::]", "h")] == ["[::]:80", "[::]:80", "h:80"]


@pytest.mark.parametrize(
    "url",
    [
        "smtp://gavel:hunter2#x@mail.example.org",
        "smtp://gavel:hunter2/@mail.example.org",
        "smtp://gavel:[hunter2@mail.example.org",
        "smtp://gavel:x@mail.example.org:hunter2",
        "mail://gavel:hunter2@mail.example.org",
        "smtp://gavel:x@mail.example.org?hunter2",
    ],
)
def test_the_error_of_a_wrong_setting_does_not_show_its_secret(url: str) -> None:
    with pytest.raises(SettingsError, match=r"GAVEL_SMTP_URL is wrong: must be smtp://user") as caught:
        Settings.from_env({"GAVEL_SMTP_URL": url})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["GAVEL_PORT", "GAVEL_LOG_DAYS", "GAVEL_LEASE_SECONDS"])
@pytest.mark.parametrize("text", ["ten", "", "9 9"])
def test_a_setting_that_must_be_a_number_refuses_other_texts_in_plain_words(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=r"is wrong: must be a (whole )?number"):
        Settings.from_env({name: text})


def test_the_description_of_the_settings_shows_no_secret() -> None:
    env = {"GAVEL_SECRET_KEY": "hunter2", "GAVEL_DATABASE_URL": "postgresql+psycopg://gavel:hunter2@db/gavel"}
    shown = "\n".join(
        f"{line.variable} {line.value} {line.default} {line.meaning}" for line in describe_settings(env)
    )
    assert "hunter2" not in shown
    assert "gavel:***@db/gavel" in shown


def test_the_quotas_of_each_tier_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "quotas.toml"
    file.write_text("[normal]\nper_minute = 30\nrun_cpu_seconds = 2.5\n[premium]\nsource_bytes = 1000\n")
    settings = Settings.from_env({"GAVEL_QUOTAS": str(file)})
    quotas = Quotas.uniform(settings.max_unfinished, settings.source_bytes).with_changes(settings.quotas)
    normal, premium = quotas.of(Tier.NORMAL), quotas.of(Tier.PREMIUM)
    assert (normal.per_minute, normal.run_cpu_seconds, normal.source_bytes) == (30, 2.5, 262_144)
    assert (premium.per_minute, premium.source_bytes) == (None, 1000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[gold]\nper_day = 1",
            r"GAVEL_QUOTAS names the tier gold, which is not defined. Choose from normal, premium",
        ),
        ("[normal]\nper_week = 1", r"\[normal\] per_week is not known"),
        ("[normal]\nper_day = 0", "must be a positive whole number below 1e12"),
        ("[normal]\nper_day = 1.5", "must be a positive whole number"),
        ("[normal]\nper_day = true", "must be a positive whole number"),
        ("[normal]\nrun_cpu_seconds = 0", "must be a positive number"),
        ("normal = 3", "must be a table"),
        ("[normal", "cannot be read"),
    ],
)
def test_an_invalid_quota_file_is_refused_with_the_tier_and_the_key(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "quotas.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=words):
        Settings.from_env({"GAVEL_QUOTAS": str(file)})


def test_a_missing_quota_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"GAVEL_QUOTAS.*cannot be read"):
        Settings.from_env({"GAVEL_QUOTAS": str(tmp_path / "none.toml")})


def test_gunicorn_s_configuration_does_not_import_modules_that_gevent_must_patch_first() -> None:
    """A module that has imported names from `ssl` or `socket` before the patch keeps the functions that
    block."""
    watched = ("redis", "requests", "urllib3", "psycopg", "flask")
    code = f"import sys, judge_api.gunicorn_conf; print([name for name in {watched} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name", ["judge", "my judge", "my%20judge", "100%", "a=b", "is it?", "#1", "Prüfung"]
)
def test_a_data_folder_with_an_odd_name_contains_the_database_and_the_redis_socket(
    tmp_path: Path, name: str
) -> None:
    settings = Settings.from_env({"GAVEL_DATA": str(tmp_path / name)})
    folder = DataFolder(tmp_path / name)
    assert settings.database_url == folder.database_url
    assert make_url(settings.database_url).database == str(tmp_path / name / "gavel.db")
    assert parse_url(settings.redis_url)["path"] == str(tmp_path / name / "redis.sock")
    socket = parse_url(redis_url(folder))["path"]
    assert not set(socket) & set(" =")
    own = str(tmp_path / name / "redis.sock")
    assert socket == own or " " in name or "=" in name or len(os.fsencode(own)) > MAX_SOCKET_PATH_BYTES
