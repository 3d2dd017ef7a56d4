"""The statement inside the first HTML answer, so that it can be read before any script runs.

The same elements and classes as in frontend/src/problem/, which take its place without a shift. The data that
the page would ask for first comes with it.
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
from judge_api.views.problems import problem_body
from judge_core.model.errors import GavelError
from judge_core.model.problem import ProblemSpec, Sample, Statement

_PROBLEM = re.compile(r"/problems/([^/]+)/?")
_FRAME = """<div id="first-paint"><header class="header"><a class="brand" href="/">\
<img src="/gavel.svg" alt="" width="26" height="26">Gavel</a><nav aria-label="Gavel">\
<a href="/problems">Problems</a>\
<a href="/events">Events</a></nav></header><main><div class="problem-page"><div class="split split-columns">\
<div class="split-pane first-pane"><div class="tabs"><div class="tabs-head"><div class="tabs-list">\
<button type="button" aria-selected="true">Statement</button></div></div><div class="tabs-panel">\
<article class="statement-pane">{article}</article></div></div></div><div class="split-bar"></div>\
<div class="split-pane split-rest"></div></div></div></main></div>
<script type="application/json" id="page-data">{data}</script>"""


def first_paint(path: str) -> str:
    """The HTML that a page begins with; empty without a statement, and where it cannot be read now."""
    asked = _PROBLEM.fullmatch(path)
    if asked is None:
        return ""
    try:
        row = services().problems.get(asked[1])
        if row is None or not services().problem_access.may_see(optional_account(), row):
            return ""
        spec = spec_of(row)
        body = problem_body(row, spec)
    except GavelError:  # the page's own request gets the error, and shows it
        return ""
    return _FRAME.format(article="".join(_article(spec)), data=_data(body))


def _data(body: dict[str, Any]) -> str:
    """JSON inside HTML: without ``<`` nothing in it can end the element."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _article(spec: ProblemSpec) -> Iterator[str]:
    statement = _preferred(spec.statements)
    name = statement.name if statement and statement.name else spec.name
    yield f'<div class="statement-head"><h1>{escape(name)}</h1></div>'
    yield from _limits(spec)
    if statement is not None and statement.pdf is None:
        yield f'<div class="prose" lang="{escape(statement.language)}">{statement.html}</div>'
    for number, sample in enumerate(spec.samples, 1):
        yield from _sample(number, sample)


def _preferred(statements: tuple[Statement, ...]) -> Statement | None:
    """The statement in the first language that the browser asks for, else in English, else the first."""
    by_language = {each.language: each for each in reversed(statements)}
    wanted = [tag.split("-")[0] for tag in request.accept_languages.values()]
    found = next((tag for tag in [*wanted, "en"] if tag in by_language), None)
    return by_language[found] if found else next(iter(statements), None)


def _limits(spec: ProblemSpec) -> Iterator[str]:
    time = "not set yet" if spec.limits.time is None else f"{spec.limits.time:g} s"
    yield f'<dl class="fact-list"><div><dt>Time</dt><dd>{time}</dd></div>'
    yield f"<div><dt>Memory</dt><dd>{spec.limits.memory} MiB</dd></div>"
    for word in spec.type.words:
        if word != "pass-fail":
            yield f'<div><dt class="visually-hidden">Kind</dt><dd class="tag">{escape(word)}</dd></div>'
    yield "</dl>"


def _sample(number: int, sample: Sample) -> Iterator[str]:
    yield f'<section class="sample"><h2>Sample {number}</h2>'
    if sample.interaction is None:
        yield f'<div class="sample-pair">{_text("Input", sample.input)}{_text("Output", sample.output)}</div>'
    else:
        yield f"<pre>{escape(sample.interaction)}</pre>"
    yield "</section>"


def _text(title: str, text: str) -> str:
    head = f'<figcaption>{title}<span class="button small quiet"></span></figcaption>'
    return f'<figure class="text-block">{head}<pre>{escape(text)}</pre></figure>'
