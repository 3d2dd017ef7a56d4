"""An account chooses the language of the pages once, for every browser."""

from __future__ import annotations

import pytest

from judge_api.views.first_paint import first_paint
from tests.web.app_fixture import AppFixture

BROWSER = {"Accept": "text/html", "Accept-Language": "fr, es;q=0.5"}


def test_an_account_chooses_a_language_of_the_pages_and_resets_the_choice(app: AppFixture) -> None:
    headers = app.headers("ada")
    assert app.client.get("/me", headers=headers).get_json()["locale"] is None
    for locale in ("de", "es", None):
        answer = app.client.put("/me/locale", json={"locale": locale}, headers=headers)
        assert (answer.status_code, answer.get_json()) == (200, {"locale": locale})
        assert app.client.get("/me", headers=headers).get_json()["locale"] == locale
    assert app.client.get("/me", headers=app.headers("admin")).get_json()["locale"] is None


@pytest.mark.parametrize("locale", ["fr", "", 7, "en-XA"])
def test_a_language_without_texts_is_refused(app: AppFixture, locale: object) -> None:
    answer = app.client.put("/me/locale", json={"locale": locale}, headers=app.headers("ada"))
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "locale")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [("", ("<dt>Tiempo</dt>", "Enunciado")), ("de", ("<dt>Zeit</dt>", "Aufgabenstellung"))],
    ids=["by-browser", "by-account"],
)
def test_the_first_answer_is_in_the_chosen_language(
    app: AppFixture, chosen: str, words: tuple[str, str]
) -> None:
    headers = {**BROWSER, "Cookie": f"gavel_locale={chosen}"}
    with app.flask.test_request_context("/problems/aplusb", headers=headers):
        page = first_paint("/problems/aplusb")
    assert all(word in page for word in words)
