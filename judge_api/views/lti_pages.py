"""The two pages of deep linking: a list to choose from, and the form that takes the answer to the platform.

They are made here and not by the frontend, because their Content-Security-Policy must allow a form to another
site.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from flask import Response

from judge_api.services.event_access import EventView
from judge_api.views.page_locale import page_locale

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'nonce-{nonce}'; form-action {form}; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="{locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><link rel="stylesheet" href="/docs/style.css"></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""
_WORDS = {
    "en": {
        "choose": "Choose what to link",
        "event": "the whole event",
        "none": "You are not in the jury of any event here. Make an event first, "
        "or ask an operator for the role author.",
        "back": "Back to the platform",
        "go": "Go on",
    },
    "de": {
        "choose": "Wähle, was verlinkt wird",
        "event": "der ganze Wettbewerb",
        "none": "Du bist hier bei keinem Wettbewerb in der Jury. Lege zuerst einen an, "
        "oder bitte den Betrieb um die Rolle author.",
        "back": "Zurück zur Plattform",
        "go": "Weiter",
    },
    "es": {
        "choose": "Elige qué enlazar",
        "event": "todo el concurso",
        "none": "Aquí no eres jurado de ningún concurso. Crea primero uno, "
        "o pide a quien administra el rol author.",
        "back": "Volver a la plataforma",
        "go": "Continuar",
    },
}


def choice_page(launch: str, views: Sequence[EventView]) -> Response:
    """The events and problems that may be linked, each with a button."""
    words = _WORDS[page_locale()]
    sections = [_section(launch, view, words) for view in views]
    body = "".join(sections) or f"<p>{escape(words['none'])}</p>"
    return _page(words["choose"], body, "'self'")


def answer_page(url: str, token: str) -> Response:
    """A page with a form that a script sends to the platform. Without scripts, the person presses the form's
    button."""
    words, nonce = _WORDS[page_locale()], secrets.token_urlsafe(16)
    form = (
        f'<form id="answer" method="post" action="{escape(url)}">'
        f'<input type="hidden" name="JWT" value="{escape(token)}">'
        f"<button>{escape(words['go'])}</button></form>"
        f'<script nonce="{nonce}">document.getElementById("answer").submit()</script>'
    )
    parts = urlsplit(url)
    return _page(words["back"], form, f"{parts.scheme}://{parts.netloc}", nonce)


def _section(launch: str, view: EventView, words: dict[str, str]) -> str:
    buttons = [_button("", words["event"])]
    buttons += [
        _button(each.label, f"{each.label} {each.slug}") for each in view.problems if not each.withdrawn
    ]
    hidden = f'<input type="hidden" name="launch" value="{escape(launch)}">'
    hidden += f'<input type="hidden" name="event" value="{escape(view.event.slug)}">'
    inside = hidden + " ".join(buttons)
    return f'<h2>{escape(view.event.title)}</h2><form method="post" action="/lti/choice">{inside}</form>'


def _button(value: str, text: str) -> str:
    return f'<button name="problem" value="{escape(value)}">{escape(text)}</button>'


def _page(title: str, body: str, form: str, nonce: str = "none") -> Response:
    text = _PAGE.format(locale=page_locale(), title=escape(title), body=body)
    response = Response(text, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce, form=form)
    return response
