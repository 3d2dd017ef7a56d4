from pathlib import Path

import pytest

from judge_api.domain.account import Tier
from judge_api.settings import Settings, SettingsError, SignUp, describe_settings


def test_defaults_follow_the_data_folder(tmp_path: Path) -> None:
    settings = Settings.from_env({"GAVEL_DATA": str(tmp_path), "GAVEL_PORT": "8123"})
    assert settings.database_url == f"sqlite:///{tmp_path}/gavel.db"
    assert settings.redis_url == f"unix://{tmp_path}/redis.sock"
    assert settings.public_url == "http://127.0.0.1:8123"
    assert settings.max_unfinished == {Tier.NORMAL: 20, Tier.PREMIUM: 200}


@pytest.mark.parametrize(
    ("text", "normal", "premium"),
    [("7", 7, 7), ("normal=3", 3, 200), ("normal=3, premium=9", 3, 9)],
)
def test_a_limit_may_be_given_for_both_tiers_or_each(text: str, normal: int, premium: int) -> None:
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
    ],
)
def test_a_wrong_value_is_refused_by_name(variable: str, text: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_env({variable: text})


def test_words_and_enums_are_read() -> None:
    settings = Settings.from_env(
        {"GAVEL_CORS_ORIGINS": "https://a.example, https://b.example", "GAVEL_SIGN_UP": "closed"}
    )
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.sign_up is SignUp.CLOSED


def test_secrets_are_never_shown() -> None:
    env = {"GAVEL_SECRET_KEY": "hunter2", "GAVEL_DATABASE_URL": "postgresql+psycopg://gavel:hunter2@db/gavel"}
    shown = "\n".join(
        f"{line.variable} {line.value} {line.default} {line.meaning}" for line in describe_settings(env)
    )
    assert "hunter2" not in shown
    assert "gavel:***@db/gavel" in shown
