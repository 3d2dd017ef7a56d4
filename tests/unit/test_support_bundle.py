"""`gavel support-bundle` contains settings, versions and logs, and no secret of any setting or file."""

from __future__ import annotations

import json
import zipfile
from dataclasses import fields
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from judge_api.__main__ import main
from judge_api.settings import Settings, variable
from judge_api.supervisor.data_folder import AccountKey, Credentials, DataFolder
from judge_api.supervisor.support_bundle import LOG_BYTES, Redactor
from judge_api.supervisor.worker_variables import WORKER_VARIABLES

SECRET = "canary-{}-Zk3/+p9"
URLS = {
    "GAVEL_REDIS_URL": "rediss://server:{}@127.0.0.1:1/0",
    "GAVEL_DATABASE_URL": "postgresql+psycopg://gavel:{}@127.0.0.1:1/gavel",
    "GAVEL_SMTP_URL": "smtp://mailer:{}@127.0.0.1:587",
}


def secret_variables() -> dict[str, str]:
    """Every secret setting of server and workers, and every setting with a URL that may contain a password.
    Each has a different secret."""
    of_server = {variable(each.name) for each in fields(Settings) if each.metadata["secret"]}
    of_workers = {name for name, each in WORKER_VARIABLES.items() if each.is_secret}
    names = of_server | of_workers | {*URLS}
    return {name: SECRET.format(name.lower().replace("_", "-")) for name in names}


def environment(secrets: dict[str, str]) -> dict[str, str]:
    return {
        name: URLS[name].format(secret.replace("/", "%2F").replace("+", "%2B")) if name in URLS else secret
        for name, secret in secrets.items()
    }


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder


def bundle(folder: DataFolder, env: dict[str, str], *options: str) -> dict[str, str]:
    target = folder.root.parent / "bundle.zip"
    arguments = ["support-bundle", "--no-doctor", "--out", str(target), *options]
    result = CliRunner().invoke(main, arguments, env={**env, "GAVEL_DATA": str(folder.root)})
    assert result.exit_code == 0, result.output
    assert target.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(target) as found:
        return {name: found.read(name).decode() for name in found.namelist()}


@pytest.mark.slow
def test_a_support_bundle_contains_no_secret_of_a_setting_or_credential(data: DataFolder) -> None:
    secrets = secret_variables()
    env = environment(secrets)
    stored = {name: data.secret(name) for name in ("secret_key", "worker_token")}
    keys = {use: f"gvl_{use}-key-of-the-tests-0123456789" for use in ("normal", "premium", "admin")}
    accounts = {use: AccountKey(use, key) for use, key in keys.items()}
    Credentials("http://127.0.0.1:1", accounts).write(data.credentials)
    links = ("gvo_a-one-time-link-0123456789", "gvs_a-session-0123456789", "gvi_an-invitation-0123456789")
    everything = [
        *secrets.values(),
        *env.values(),
        *stored.values(),
        *keys.values(),
        *links,
        "hunter2hunter2",
    ]
    log = "".join(f"line {n}: {secret}\n" for n, secret in enumerate(everything))
    log += "Authorization: Bearer hunter2hunter2\nredis://x:hunter2hunter2@h/0\n"
    (data.logs / "api.log").write_text(log.replace(f"line {len(everything) - 1}: hunter2hunter2\n", ""))

    files = bundle(data, env)
    assert len(files["logs/api.log"].splitlines()) == len(everything) + 1
    for secret in everything:
        for name, text in files.items():
            assert secret not in text, f"{secret} is in {name}"


def test_a_support_bundle_has_versions_settings_queues_workers_and_logs(data: DataFolder) -> None:
    (data.logs / "dispatcher.log").write_text("Dispatcher started\n")
    files = bundle(data, {"GAVEL_MAX_ATTEMPTS": "5"})
    assert {"versions.json", "settings.json", "doctor.json", "queues.json", "workers.json"} <= files.keys()
    assert files["logs/dispatcher.log"] == "Dispatcher started\n"
    assert json.loads(files["versions.json"])["packages"]["rq"]
    settings = {each["variable"]: each["value"] for each in json.loads(files["settings.json"])["settings"]}
    assert settings["GAVEL_MAX_ATTEMPTS"] == "5"
    assert files["queues.json"].startswith("not available: ")


def test_a_support_bundle_without_logs_says_how_to_get_the_logs(data: DataFolder) -> None:
    target = data.root.parent / "without.zip"
    arguments = ["support-bundle", "--no-doctor", "--out", str(target)]
    said = CliRunner().invoke(main, arguments, env={"GAVEL_DATA": str(data.root)}).output
    assert "The zip has no logs" in said
    with zipfile.ZipFile(target) as found:
        text = found.read("logs/none.txt").decode()
    for command in ("docker compose logs", "kubectl -n gavel logs", "kubectl -n gavel-workers", "journalctl"):
        assert command in text
    (data.logs / "api.log").write_text("Started\n")
    assert "logs/none.txt" not in bundle(data, {})


def test_a_support_bundle_is_made_with_a_wrong_setting_and_names_the_setting(data: DataFolder) -> None:
    assert "GAVEL_PORT='x' is wrong" in bundle(data, {"GAVEL_PORT": "x"})["settings.json"]


def test_a_support_bundle_keeps_the_last_whole_lines_of_a_long_log(data: DataFolder) -> None:
    (data.logs / "api.log").write_text("a line of the log\n" * (LOG_BYTES // 10) + "the end\n")
    lines = bundle(data, {})["logs/api.log"].splitlines()
    assert (lines[0], lines[-1]) == ("a line of the log", "the end")
    assert sum(map(len, lines)) < LOG_BYTES


def test_a_support_bundle_does_not_overwrite_an_existing_file(data: DataFolder) -> None:
    bundle(data, {})
    target = data.root.parent / "bundle.zip"
    again = CliRunner().invoke(
        main, ["support-bundle", "--no-doctor", "--out", str(target)], env={"GAVEL_DATA": str(data.root)}
    )
    assert again.exit_code == 1
    assert "exists: name another file with --out" in again.output


def test_a_secret_is_removed_in_the_spelling_of_json_and_of_addresses() -> None:
    secret = 'pass "word" \\ é'
    redactor = Redactor([secret])
    for written in (secret, json.dumps({"a": secret}), f"redis://x:{quote(secret, safe='')}"):
        assert "word" not in redactor.clean(written)


def test_a_short_secret_is_not_removed_from_longer_words() -> None:
    assert Redactor(["abc"]).clean("abcdef") == "abcdef"
