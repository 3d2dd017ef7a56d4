"""The language of the pages: the account's choice in this browser, else the browser's."""

from __future__ import annotations

from flask import request

LOCALES = ("en", "de", "es")
"""The languages that have message catalogs: the same as in frontend/src/lib/i18n.ts."""
COOKIE = "gavel_locale"


def page_locale() -> str:
    """The language of this request's page: the chosen one, else the best of the browser's, else English."""
    return chosen_locale() or request.accept_languages.best_match(LOCALES) or LOCALES[0]


def chosen_locale() -> str | None:
    """The language that an account chose in this browser."""
    chosen = request.cookies.get(COOKIE)
    return chosen if chosen in LOCALES else None
