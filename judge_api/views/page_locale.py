"""The language of the pages: the one that the account chose in this browser, else the browser's language."""

from __future__ import annotations

from flask import request

LOCALES = ("en", "de", "es")
"""The languages that have message catalogs. frontend/src/lib/i18n.ts has the same list."""
COOKIE = "gavel_locale"


def page_locale() -> str:
    """The language of this request's page.

    It is the chosen language, else the best of the browser's languages, else English.
    """
    return chosen_locale() or request.accept_languages.best_match(LOCALES) or LOCALES[0]


def chosen_locale() -> str | None:
    """The language that an account has chosen in this browser."""
    chosen = request.cookies.get(COOKIE)
    return chosen if chosen in LOCALES else None
