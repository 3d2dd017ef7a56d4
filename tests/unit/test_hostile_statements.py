"""The sanitiser removes scripts, forms and the addresses of pictures on other servers from statements."""

from __future__ import annotations

import pytest

from judge_core.packages.statements.sanitiser import is_elsewhere, sanitise

ACTIVE = (
    "<script>alert(1)</script>",
    "<svg><script>alert(1)</script></svg>",
    "<img src=x onerror=alert(1)>",
    "<details ontoggle=alert(1) open>x</details>",
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="&#1;javascript:alert(1)">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
    '<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<iframe srcdoc="<script>alert(1)</script>">',
    '<p style="position:fixed;background:url(//elsewhere)">x</p>',
    "<form action=//elsewhere><input autofocus onfocus=alert(1)></form>",
    '<base href="//elsewhere/"><meta http-equiv=refresh content="0;//elsewhere">',
)
ELSEWHERE = (
    "//elsewhere/x",
    "\\\\elsewhere\\x",
    "/\\elsewhere/x",
    "https:elsewhere/x",
    "ht\ntp://elsewhere/x",
    "h\tttp://elsewhere/x",
    "/\r\n/elsewhere/x",
    "\t//elsewhere/x",
    " \x01https://elsewhere/x",
)


@pytest.mark.parametrize("text", ACTIVE)
def test_the_sanitiser_removes_scripts_and_forms_from_a_statement(text: str) -> None:
    clean = sanitise(text).lower()
    for part in (
        "<script",
        " on",
        "javascript:",
        "data:text",
        "<iframe",
        "style=",
        "<form",
        "<base",
        "<meta",
    ):
        assert part not in clean


@pytest.mark.parametrize("address", ELSEWHERE)
def test_the_sanitiser_removes_the_address_of_a_picture_on_another_server(address: str) -> None:
    assert is_elsewhere(address)
    assert "elsewhere" not in sanitise(f'<img src="{address}">')
