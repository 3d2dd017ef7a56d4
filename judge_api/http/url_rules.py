"""URL rules that cost less to add than werkzeug's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.routing import Rule


class UrlRule(Rule):
    """A rule that compiles its builder of URLs when it first builds one.

    werkzeug compiles two functions for each rule at once, which takes most of the time to make the
    application. Gavel's views build no URL from a rule.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_builder = super()._compile_builder

        @cache
        def compiled() -> Callable[..., tuple[str, str]]:
            return compile_builder(append_unknown)

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            return compiled()(rule, **values)

        return build
