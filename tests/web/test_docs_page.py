"""The page of the API's documentation is complete and escaped, and loads nothing from other servers."""

from __future__ import annotations

import ast
import html
import json
import re
import shlex
import subprocess

from flask import render_template

from judge_api.views.docs_examples import call_examples
from judge_api.views.docs_page import Item, Model, Operation, describe
from tests.docs.reference import REFERENCE, api_text, generated_part
from tests.web.app_fixture import AppFixture


def test_the_docs_page_has_each_documented_call_and_model(app: AppFixture) -> None:
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


def test_the_reference_lists_each_call_with_its_summary(app: AppFixture) -> None:
    spec = app.client.get("/openapi.json").get_json()
    assert generated_part(REFERENCE / "api.md") == api_text(spec), "run `make reference`"


def test_the_docs_page_loads_nothing_from_other_servers_and_keeps_the_security_policy(
    app: AppFixture,
) -> None:
    answer = app.client.get("/docs")
    page = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|(href|src|action)=.https?://|url\(", page)
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert styles
    for place in styles:
        style = app.client.get(place)
        assert (style.status_code, style.mimetype) == (200, "text/css")
        assert "url(" not in style.get_data(as_text=True)


def test_texts_of_the_api_document_are_escaped_in_the_docs_page(app: AppFixture) -> None:
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


def test_the_docs_page_describes_a_schema_in_words() -> None:
    assert describe({"type": "integer", "minimum": 1, "maximum": 9}) == "integer, ≥ 1, ≤ 9"
    assert describe({"anyOf": [{"type": "string"}, {"type": "null"}]}) == "string or null"
    assert describe({"type": "array", "items": {"$ref": "#/components/schemas/X"}}) == "list of X"
    assert describe({"enum": ["AC", "WA"]}) == "AC | WA"


def test_calls_have_examples_for_curl_python_and_javascript(app: AppFixture) -> None:
    page = html.unescape(app.client.get("/docs").get_data(as_text=True))
    assert 'curl -X POST "$GAVEL/submissions/batch"' in page
    assert 'requests.get(f"{GAVEL}/status/ID", headers={"Authorization": f"Bearer {KEY}"})' in page
    assert 'await fetch(`${GAVEL}/runs`, { method: "POST"' in page


def test_an_example_is_a_valid_call_in_each_language() -> None:
    body = {"source": 'it\'s "quoted" $HOME `x` {y}', "run_all": True}
    curl, python, javascript = (text for _, text in call_examples("POST", "/submissions", body, True))
    argv = shlex.split(curl.replace("\\\n", " "))
    assert json.loads(argv[argv.index("-d") + 1]) == body
    ast.parse(python)
    program = f"const GAVEL = '', KEY = ''; const fetch = (u, o) => console.log(o.body);\n{javascript}"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], capture_output=True, text=True, timeout=90, check=True
    )
    assert json.loads(done.stdout) == body


def test_the_longest_documented_query_texts_fit_into_a_request_line(app: AppFixture) -> None:
    """A character may take twelve bytes in an address, unless a pattern allows only plain characters."""
    spec = app.client.get("/openapi.json").get_json()
    allowed = [
        (path, one["name"], one["schema"]["maxLength"])
        for path, operations in spec["paths"].items()
        for one in operations.get("get", {}).get("parameters", ())
        if one["in"] == "query" and "maxLength" in one["schema"] and "pattern" not in one["schema"]
    ]
    assert allowed
    assert [each for each in allowed if each[2] * 12 > 7_000] == []
    listed = {path: op["get"]["parameters"] for path, op in spec["paths"].items() if "get" in op}
    (ids,) = [one["schema"] for one in listed["/statuses"] if one["name"] == "ids"]
    assert re.fullmatch(ids["pattern"], ",".join(["a-1"] * 100))
    assert not re.fullmatch(ids["pattern"], "," * 100)
