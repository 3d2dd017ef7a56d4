"""Writes text of a page into the first HTML answer, so that people can read it before any script runs.

The text is a problem's statement, or the text of the home page. Elements and classes are the same as in the
frontend, so nothing moves when the scripts replace them. A problem's page also gets the data that its scripts
would request first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from flask import request

from judge_api.container import services
from judge_api.http.auth import optional_account
from judge_api.services.problem_visibility import spec_of
from judge_api.views.page_locale import chosen_locale, page_locale
from judge_api.views.problems import problem_body
from judge_core.model.errors import GavelError
from judge_core.model.problem import ProblemSpec, Sample, Statement

_PROBLEM = re.compile(r"/problems/([^/]+)/?")
_HEADER = """<div id="first-paint"><header class="header"><a class="brand" href="/">\
<img src="/gavel.svg" alt="" width="26" height="26">Gavel</a><nav aria-label="Gavel">\
<a href="/problems">{words[Problems]}</a>\
<a href="/events">{words[Events]}</a></nav></header>"""
_HOME = """<main><div class="home"><section class="hero"><h1>{words[Slogan]}</h1><p>{words[About]}</p>\
<div class="hero-actions"></div></section></div></main></div>"""
_FRAME = """<main><div class="problem-page"><div class="split split-columns">\
<div class="split-pane first-pane"><div class="tabs"><div class="tabs-head"><div class="tabs-list">\
<button type="button" aria-selected="true">{words[Statement]}</button></div></div><div class="tabs-panel">\
<article class="statement-pane">{article}</article></div></div></div><div class="split-bar"></div>\
<div class="split-pane split-rest"></div></div></div></main></div>
<script type="application/json" id="page-data">{data}</script>"""


def first_paint(path: str) -> str:
    """The HTML with which the home page or a problem's page begins.

    It is empty for other pages, and if the problem cannot be read now.
    """
    if path == "/":
        return (_HEADER + _HOME).format(words=_words())
    asked = _PROBLEM.fullmatch(path)
    if asked is None:
        return ""
    try:
        row = services().problems.get(asked[1])
        if row is None or not services().problem_access.may_see(optional_account(), row):
            return ""
        spec = spec_of(row)
        body = problem_body(row, spec)
    # The page's scripts get the same error from their own request, and show it.
    except GavelError:
        return ""
    article = "".join(_article(spec))
    return (_HEADER + _FRAME).format(words=_words(), article=article, data=_data(body))


_RIGHT_TO_LEFT = ("ar", "dv", "fa", "he", "ps", "ur", "yi")
_LABELS = {
    "Problems": ("Aufgaben", "Problemas"),
    "Events": ("Wettbewerbe", "Concursos"),
    "Statement": ("Aufgabenstellung", "Enunciado"),
    "Time": ("Zeit", "Tiempo"),
    "Memory": ("Speicher", "Memoria"),
    "Kind": ("Art", "Tipo"),
    "not set yet": ("noch nicht festgelegt", "aún sin fijar"),
    "Sample": ("Beispiel", "Ejemplo"),
    "Input": ("Eingabe", "Entrada"),
    "Output": ("Ausgabe", "Salida"),
}
SLOGANS = {
    "en": "Write it. Submit it. Watch it judged.",
    "de": "Schreiben. Einreichen. Beim Bewerten zusehen.",
    "es": "Escríbelo. Envíalo. Mira cómo se juzga.",
}
ABOUT = {
    "en": "Gavel is an online judge: it compiles your program, runs it against a problem's tests in a "
    "sandbox, and shows each test as soon as it is judged.",
    "de": "Gavel ist ein Online-Judge: Es übersetzt dein Programm, führt es in einer Sandbox mit den "
    "Tests der Aufgabe aus und zeigt jeden Test, sobald er bewertet ist.",
    "es": "Gavel es un juez en línea: compila tu programa, lo ejecuta con las pruebas de un problema en "
    "una sandbox y muestra cada prueba en cuanto se juzga.",
}
WORDS = {
    "en": {label: label for label in _LABELS},
    "de": {label: german for label, (german, _) in _LABELS.items()},
    "es": {label: spanish for label, (_, spanish) in _LABELS.items()},
}
"""The labels in each language of the pages, as in their message catalogs."""


def _words() -> dict[str, str]:
    locale = page_locale()
    return {**WORDS[locale], "Slogan": SLOGANS[locale], "About": ABOUT[locale]}


def _data(body: dict[str, Any]) -> str:
    """JSON for a script element in HTML. It has no ``<``, so nothing in it can end the element."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace(
        "<", "\\u003c"
    )


def _article(spec: ProblemSpec) -> Iterator[str]:
    statement = _preferred(spec.statements)
    name = statement.name if statement and statement.name else spec.name
    yield f'<div class="statement-head"><h1>{escape(name)}</h1></div>'
    yield from _limits(spec)
    if statement is not None and statement.pdf is None:
        direction = "rtl" if statement.language.split("-")[0] in _RIGHT_TO_LEFT else "ltr"
        tag = f'<div class="prose" lang="{escape(statement.language)}" dir="{direction}">'
        yield f"{tag}{statement.html}</div>"
    for number, sample in enumerate(spec.samples, 1):
        yield from _sample(number, sample)


def _preferred(statements: tuple[Statement, ...]) -> Statement | None:
    """The statement in the language that fits the reader best.

    It is the account's chosen language, else the first available language that the browser asks for, else
    English, else the first statement.
    """
    by_language = {each.language: each for each in reversed(statements)}
    tags = [chosen_locale() or "", *request.accept_languages.values()]
    wanted = [tag.split("-")[0] for tag in tags]
    found = next((tag for tag in [*wanted, "en"] if tag in by_language), None)
    return by_language[found] if found else next(iter(statements), None)


def _limits(spec: ProblemSpec) -> Iterator[str]:
    words = _words()
    time = words["not set yet"] if spec.limits.time is None else f"{_number(spec.limits.time)} s"
    yield f'<dl class="fact-list"><div><dt>{words["Time"]}</dt><dd>{time}</dd></div>'
    yield f"<div><dt>{words['Memory']}</dt><dd>{spec.limits.memory} MiB</dd></div>"
    for word in spec.type.words:
        if word != "pass-fail":
            name = f'<dt class="visually-hidden">{words["Kind"]}</dt>'
            yield f'<div>{name}<dd class="tag">{escape(word)}</dd></div>'
    yield "</dl>"


def _number(value: float) -> str:
    text = f"{value:g}"
    return text if page_locale() == "en" else text.replace(".", ",")


def _sample(number: int, sample: Sample) -> Iterator[str]:
    words = _words()
    yield f'<section class="sample"><h2>{words["Sample"]} {number}</h2>'
    if sample.interaction is None:
        pair = _text(words["Input"], sample.input) + _text(words["Output"], sample.output)
        yield f'<div class="sample-pair">{pair}</div>'
    else:
        yield f"<pre>{escape(sample.interaction)}</pre>"
    yield "</section>"


def _text(title: str, text: str) -> str:
    head = f'<figcaption>{title}<span class="button small quiet"></span></figcaption>'
    return f'<figure class="text-block">{head}<pre>{escape(text)}</pre></figure>'
