"""Renders the statements of a package to sanitised HTML, with a warning for each part that cannot be
shown."""

from judge_core.packages.statements.bounded_render import render_statements, render_texts
from judge_core.packages.statements.render import RenderedStatements

__all__ = ["RenderedStatements", "render_statements", "render_texts"]
