"""Wrong settings of identity providers are named, and claims become profiles."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from judge_api.settings import Settings, SettingsError, describe_settings
from judge_core.model.account import Role, Tier
from judge_core.model.identity_provider import parse_identity_providers, profile_of

GOOD = 'issuer = "https://login.example.org"\nclient_id = "gavel"\n'


def read(text: str) -> str:
    """The fault that is named for this settings file."""
    with pytest.raises(ValueError) as error:
        parse_identity_providers(tomllib.loads(text), lambda name: f"secret of {name}")
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("school = 1", "school must be a table: write [school] above its keys"),
        (f"[School]\n{GOOD}", "[School] must have 1 to 32 small letters, digits and hyphens"),
        ('[school]\nclient_id = "x"', "[school] issuer is missing"),
        ('[school]\nissuer = "https://x.org"', "[school] client_id is missing"),
        ('[school]\nissuer = "http://x.org"\nclient_id = "x"', "[school] issuer must be an https:// address"),
        (
            '[school]\nissuer = "https://x.org?y"\nclient_id = "x"',
            "[school] issuer must be an https:// address",
        ),
        (f"[school]\n{GOOD}colour = 1", "[school] colour is not known: choose from title, issuer"),
        (f'[school]\n{GOOD}sign_up = "yes"', "[school] sign_up must be true or false"),
        (f'[school]\n{GOOD}scopes = ["a b"]', "[school] scopes must be texts without spaces"),
        (f'[school]\n{GOOD}claims = {{ age = "x" }}', "[school.claims] age is not known: choose from name"),
        (
            f'[school]\n{GOOD}claims = {{ role = "r" }}\nroles = {{ x = "admin" }}',
            "[school.roles] makes administrators: set allow_admin = true in [school] if the provider may",
        ),
        (
            f'[school]\n{GOOD}claims = {{ role = "r" }}\nroles = {{ x = "boss" }}',
            "[school.roles] x = 'boss' is wrong",
        ),
        (f'[school]\n{GOOD}tiers = {{ x = "premium" }}', "[school.tiers] needs the name of a claim: tier in"),
        (f'[school]\n{GOOD}groups = {{ x = "a/b" }}', "[school.groups] x = 'a/b' is wrong"),
        (f"[school]\n{GOOD}require = {{ hd = [] }}", "[school.require] hd must be a text or a list of texts"),
        (
            f'[school]\n{GOOD}client_secret = "a"\nclient_secret_file = "b"',
            "[school] has client_secret and client_secret_file: keep one",
        ),
        (f"[a]\n{GOOD}[b]\n{GOOD}", "the issuer https://login.example.org is in two tables"),
    ],
)
def test_a_wrong_setting_of_an_identity_provider_is_named(text: str, fault: str) -> None:
    assert read(text).startswith(fault)


def test_the_file_of_identity_providers_is_read_at_the_start_and_no_secret_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(f'[school]\n{GOOD}client_secret_file = "secret"')
    env = {"GAVEL_OIDC_PROVIDERS": str(file)}
    with pytest.raises(SettingsError, match="client_secret_file: the file cannot be read"):
        Settings.from_env(env)
    (tmp_path / "secret").write_text("hush\n")
    assert Settings.from_env(env).oidc_providers[0].client_secret == "hush"
    shown = {one.variable: one.value for one in describe_settings(env)}
    assert shown["GAVEL_OIDC_PROVIDERS"] == "school"
    assert "hush" not in repr(Settings.from_env(env))
    with pytest.raises(SettingsError, match=r"GAVEL_OIDC_PROVIDERS=.*cannot be read"):
        Settings.from_env({"GAVEL_OIDC_PROVIDERS": str(tmp_path / "none.toml")})


def test_the_values_of_claims_are_mapped_by_the_settings_and_the_highest_value_counts() -> None:
    text = f"""[school]\n{GOOD}allow_admin = true
        claims = {{ tier = "plan", role = "realm.roles", groups = "classes" }}
        tiers = {{ gold = "premium", tin = "normal" }}
        roles = {{ teacher = "author", head = "admin" }}
        groups = {{ "/6a" = "class 6a" }}"""
    provider = parse_identity_providers(tomllib.loads(text), str)[0]
    claims = {
        "sub": "1",
        "preferred_username": "ada",
        "plan": ["tin", "gold"],
        "realm": {"roles": ["teacher", "head", 3]},
        "classes": ["/6a", "/7b"],
    }
    profile = profile_of(provider, claims)
    assert (profile.tier, profile.role, profile.groups) == (Tier.PREMIUM, Role.ADMIN, ("class 6a",))
    poor = profile_of(provider, {"sub": "1"})
    assert (poor.name, poor.tier, poor.role, poor.groups) == ("school", Tier.NORMAL, Role.USER, ())


def test_without_settings_of_claims_a_sign_in_changes_no_tier_role_or_group() -> None:
    provider = parse_identity_providers(tomllib.loads(f"[school]\n{GOOD}"), str)[0]
    profile = profile_of(provider, {"sub": "1", "role": "admin", "tier": "premium", "groups": ["x"]})
    assert (profile.tier, profile.role, profile.groups) == (None, None, None)
