"""Pages and API share addresses. A browser gets the page, and a program gets the answer of the API."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import get_args

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from judge_api.schemas.requests import LocaleIn
from judge_api.views.first_paint import ABOUT, SLOGANS, WORDS
from judge_api.views.page_locale import LOCALES
from judge_api.views.pages import attach_pages

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
INDEX = '<!doctype html><meta name="csp-nonce" content=""><div id="root"></div>'
SCRIPT = "console.log('the pages');\n" * 40


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "theme.js").write_text("// theme")
    (tmp_path / "assets" / "index-4f2a.js").write_text(SCRIPT)
    return tmp_path


def client_of(dist: Path) -> FlaskClient:
    app = Flask("pages", static_folder=None)
    app.add_url_rule("/problems/<slug>", view_func=lambda slug: jsonify(slug=slug), endpoint="problem")
    app.add_url_rule(
        "/problems/<slug>/files/<name>", view_func=lambda slug, name: name, endpoint="attachment"
    )
    app.add_url_rule("/healthz", view_func=lambda: jsonify(status="ok"), endpoint="healthz")
    attach_pages(app, dist)
    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/problems/aplusb", "/submissions", "/admin/", "/admin/workers"])
def test_a_browser_gets_the_page_and_does_not_store_the_answer(dist: Path, path: str) -> None:
    answer = client_of(dist).get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_a_program_gets_json_at_an_address_that_has_a_page_for_browsers(dist: Path, accept: str) -> None:
    answer = client_of(dist).get("/problems/aplusb", headers={"Accept": accept})
    assert answer.get_json() == {"slug": "aplusb"}
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/healthz", "/problems/aplusb/files/sheet.pdf"])
def test_a_browser_gets_no_page_at_the_address_of_a_file_or_the_health_check(dist: Path, path: str) -> None:
    assert b'id="root"' not in client_of(dist).get(path, headers=BROWSER).data


def test_a_post_from_a_browser_goes_to_the_api(dist: Path) -> None:
    assert client_of(dist).post("/problems/aplusb", headers=BROWSER).status_code == 405


def test_an_unknown_address_gives_404_and_only_a_browser_gets_the_page(dist: Path) -> None:
    client = client_of(dist)
    page = client.get("/nothing/here", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert b'id="root"' in page.data
    assert b'id="root"' not in client.get("/nothing/here").data


def test_the_content_security_policy_allows_no_inline_script_and_has_a_new_nonce_each_time(
    dist: Path,
) -> None:
    client = client_of(dist)
    nonces = set()
    for _ in range(2):
        answer = client.get("/", headers=BROWSER)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        nonce = re.search(r"style-src 'self' 'nonce-([^']+)'", policy)
        assert nonce and f'content="{nonce.group(1)}"' in answer.text
        nonces.add(nonce.group(1))
    assert len(nonces) == 2


def test_files_with_a_hash_in_their_name_are_cached_as_immutable_and_compressed(dist: Path) -> None:
    client = client_of(dist)
    plain = client.get("/assets/index-4f2a.js")
    assert plain.text == SCRIPT
    assert "immutable" in plain.headers["Cache-Control"]
    packed = client.get("/assets/index-4f2a.js", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data).decode() == SCRIPT
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert "immutable" not in client.get("/theme.js").headers["Cache-Control"]


def test_a_browser_that_accepts_brotli_gets_the_file_that_the_build_compressed(dist: Path) -> None:
    (dist / "assets" / "index-4f2a.js.br").write_bytes(b"compressed by the build")
    client = client_of(dist)
    answer = client.get("/assets/index-4f2a.js", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert (answer.data, answer.headers["Content-Encoding"]) == (b"compressed by the build", "br")
    for refuses in ("gzip", "gzip, br;q=0"):
        packed = client.get("/assets/index-4f2a.js", headers={"Accept-Encoding": refuses})
        assert packed.headers["Content-Encoding"] == "gzip"
    assert client.get("/assets/index-4f2a.js.br").status_code == 404


def test_an_address_that_leads_out_of_the_build_shows_no_file(dist: Path) -> None:
    (dist.parent / "secret").write_text("secret")
    for path in ("/../secret", "/assets/../../secret", "/assets/%2e%2e/%2e%2e/secret"):
        assert b"secret" not in client_of(dist).get(path).data


@pytest.mark.parametrize(
    ("accepted", "chosen", "shown"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "", "de"),
        ("fr,es;q=0.8", "", "es"),
        ("fr,en;q=0.3", "", "en"),
        ("fr", "", "en"),
        ("", "", "en"),
        ("de", "es", "es"),
        ("de", "xx", "de"),
        ("en", "ar-XB", "en"),
    ],
    ids=["region", "second", "third", "none-of-ours", "unsaid", "chosen", "unknown-choice", "pseudo-locale"],
)
def test_the_page_is_in_the_chosen_language_or_in_the_browser_s_language(
    dist: Path, accepted: str, chosen: str, shown: str
) -> None:
    (dist / "index.html").write_text(f'<html lang="en"><head></head>{INDEX}')
    for locale in LOCALES:
        (dist / "assets" / f"messages-common-{locale}-0a1b2c3d.js").write_text("texts")
    client = client_of(dist)
    client.set_cookie("gavel_locale", chosen)
    page = client.get("/", headers={**BROWSER, "Accept-Language": accepted}).text
    assert f'<html lang="{shown}">' in page
    preload = f'<link rel="modulepreload" crossorigin href="/assets/messages-common-{shown}-0a1b2c3d.js">'
    assert page.count("modulepreload") == 1 and preload in page


def test_the_server_s_words_of_the_first_page_match_the_pages_catalogs() -> None:
    for locale in LOCALES:
        catalog = Path(f"frontend/src/locales/{locale}.po").read_text(encoding="utf-8")
        known = dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', catalog, re.MULTILINE))
        words = dict(WORDS[locale])
        assert known["Sample {number}"] == f"{words.pop('Sample')} {{number}}"
        assert {word: known[word] for word in words} == words


def test_the_server_s_texts_of_the_home_page_are_in_the_pages_catalogs() -> None:
    for locale in LOCALES:
        catalog = Path(f"frontend/src/home/locales/{locale}.po").read_text(encoding="utf-8")
        known = "".join(re.findall(r'^(?:msgstr )?"(.*)"$', catalog, re.MULTILINE))
        assert SLOGANS[locale] in known and ABOUT[locale] in known


def test_the_server_and_the_pages_have_the_same_languages() -> None:
    pages = Path("frontend/src/lib/i18n.ts").read_text(encoding="utf-8")
    found = re.search(r"LOCALES: readonly string\[\] = \[(.+?)\]", pages)
    assert found and tuple(re.findall(r'"(\w+)"', found[1])) == LOCALES
    assert get_args(get_args(LocaleIn.model_fields["locale"].annotation)[0]) == LOCALES


def test_without_a_build_the_root_says_how_to_build_the_pages(tmp_path: Path) -> None:
    client = client_of(tmp_path / "missing")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "make pages" in answer.text
    assert client.get("/problems/aplusb").get_json() == {"slug": "aplusb"}
