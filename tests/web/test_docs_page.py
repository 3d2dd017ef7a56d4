"""The page of the API's documentation: whole, escaped, and without a third party."""

from __future__ import annotations

import re

from flask import render_template

from judge_api.views.docs_page import Item, Model, Operation, describe
from tests.docs.reference import REFERENCE, api_text, generated_part
from tests.web.app_fixture import AppFixture


def test_every_documented_call_and_model_is_on_the_page(app: AppFixture) -> None:
    spec = app.client.get("/openapi.json").get_json()
    page = app.client.get("/docs").get_data(as_text=True)
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert f"<h3><b>{method.upper()}</b> <code>{path}</code></h3>" in page
            assert len(operation["summary"]) > 3
    for name in spec["components"]["schemas"]:
        assert f'id="model-{name}"' in page
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))


def test_the_reference_lists_every_call_with_its_summary(app: AppFixture) -> None:
    spec = app.client.get("/openapi.json").get_json()
    assert generated_part(REFERENCE / "api.md") == api_text(spec), "run `make reference`"


def test_the_docs_page_needs_no_third_party_and_nothing_that_the_policy_forbids(app: AppFixture) -> None:
    answer = app.client.get("/docs")
    page = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://|url\(", page)
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert styles
    for place in styles:
        style = app.client.get(place)
        assert (style.status_code, style.mimetype) == (200, "text/css")
        assert "url(" not in style.get_data(as_text=True)


def test_texts_of_the_document_are_escaped(app: AppFixture) -> None:
    evil = "<script>alert(1)</script>"
    item = Item(evil, evil, evil, True, evil)
    operation = Operation("GET", evil, evil, evil, evil, True, (item,), (item,), (item,))
    with app.flask.test_request_context():
        page = render_template(
            "docs.html",
            info={"title": evil, "version": evil},
            groups={evil: [operation]},
            models=[Model(evil, evil, evil, (item,))],
        )
    assert "<script" not in page


def test_a_schema_in_words() -> None:
    assert describe({"type": "integer", "minimum": 1, "maximum": 9}) == "integer, ≥ 1, ≤ 9"
    assert describe({"anyOf": [{"type": "string"}, {"type": "null"}]}) == "string or null"
    assert describe({"type": "array", "items": {"$ref": "#/components/schemas/X"}}) == "list of X"
    assert describe({"enum": ["AC", "WA"]}) == "AC | WA"
