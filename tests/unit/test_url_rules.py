"""Rules of URLs are as werkzeug's own, and compile nothing before a URL is built."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.routing import Map, Rule

from judge_api.http.url_rules import UrlRule

VALUES = {"slug": "a b", "path": "x/y ü", "number": 7, "more": "&"}


@pytest.mark.parametrize(
    "rule",
    [
        "/",
        "/problems/<slug>",
        "/files/<path:path>",
        "/pages/<int:number>",
        "/<slug>/of/<int:number>/<path:path>",
    ],
)
@pytest.mark.parametrize("append_unknown", [True, False])
def test_a_url_is_built_as_by_werkzeug(rule: str, append_unknown: bool) -> None:
    built = [
        Map([kind(rule, endpoint="view")])
        .bind("judge.example")
        .build("view", VALUES, append_unknown=append_unknown)
        for kind in (Rule, UrlRule)
    ]
    assert built[0] == built[1]


def test_nothing_is_compiled_before_a_url_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[bool] = []

    def compile_one(_code: object, _name: str) -> Callable[..., tuple[str, str]]:
        compiled.append(True)
        return _built

    monkeypatch.setattr(UrlRule, "_get_func_code", staticmethod(compile_one))
    urls = Map([UrlRule("/problems/<slug>", endpoint="view")]).bind("judge.example")
    assert urls.match("/problems/sum") == ("view", {"slug": "sum"})
    assert compiled == []
    assert [urls.build("view", VALUES) for _ in range(2)] == ["/built", "/built"]
    assert compiled == [True], "it is compiled once"


def _built(_rule: Rule, **_values: object) -> tuple[str, str]:
    return "", "/built"
