"""A page of password sheets: one card for each account, to print and cut."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from judge_api.services.account_import import MadeAccount

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Accounts at {url}</title>
<style>
body {{ margin: 0; font: 11pt/1.4 sans-serif; display: grid; grid-template-columns: 1fr 1fr; }}
section {{ padding: 8mm; border: 1px dashed #999; break-inside: avoid; }}
h1 {{ font-size: 12pt; margin: 0 0 2mm; }} p {{ margin: 0; }} code {{ font-size: 12pt; }}
</style></head><body>
{cards}
</body></html>
"""
_CARD = """<section><h1>{title}</h1><p>{url}</p>
<p>Name: <code>{name}</code></p><p>Password: <code>{password}</code></p></section>"""


def password_sheets(url: str, made: Iterable[MadeAccount]) -> str:
    """The page as HTML."""
    return _PAGE.format(url=escape(url), cards="\n".join(_card(url, one) for one in made))


def _card(url: str, made: MadeAccount) -> str:
    title = made.account.full_name or made.account.name
    values = {"title": title, "url": url, "name": made.account.name, "password": made.password}
    return _CARD.format(**{name: escape(value) for name, value in values.items()})
