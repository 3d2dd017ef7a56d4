"""The conversion of a short statement that would take very long is stopped, and the statement is shown as it
was written."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from judge_core.packages import BrokenPackage, read_package
from judge_core.packages.constants import MOST_CHARACTERS, TooLong, substitute
from judge_core.packages.statements import bounded_render, render_statements
from tests.unit.test_statements import write_package


def _macros(times: int, depth: int) -> str:
    names = "abcdefghijklmn"[:depth]
    lines = ["\\newcommand{\\a}{lollollollol}"]
    lines += ["\\newcommand{\\%s}{%s}" % (new, ("\\" + old) * times) for old, new in pairwise(names)]  # noqa: UP031
    return "\n".join([*lines, "\\" + names[-1]])


COSTLY = {
    "brackets": ("problem.en.md", "[" * 1900),
    "macros": ("problem.en.tex", _macros(10, 10)),
    "deep HTML": ("problem.en.html", "<div>" * 200_000),
    "open formulas": ("problem.en.md", '<span class="math inline">$ ' * 30_000),
    "open comments": ("problem.en.html", "<!--" * 200_000),
}


@pytest.mark.slow_on("deep HTML", "open comments")
@pytest.mark.parametrize("kind", COSTLY)
def test_a_package_is_added_although_converting_its_statement_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    limits = replace(bounded_render.LIMITS, seconds=3, memory_bytes=1 << 30)
    monkeypatch.setattr(bounded_render, "LIMITS", limits)
    name, text = COSTLY[kind]
    folder = write_package(tmp_path / "costly", {f"problem_statement/{name}": text})
    rendered = render_statements(read_package(folder))
    (statement,) = rendered.statements
    assert len(statement.html) <= limits.output_bytes
    assert rendered.warnings == () or "as it was written" in str(rendered.warnings[-1])


def test_a_statement_that_is_not_converted_is_shown_as_escaped_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_render, "LIMITS", replace(bounded_render.LIMITS, output_bytes=10))
    text = "<script>alert(1)</script>"
    folder = write_package(tmp_path / "costly", {"problem_statement/problem.en.html": text})
    (statement,) = render_statements(read_package(folder)).statements
    assert statement.html == "<pre>&lt;script&gt;alert(1)&lt;/script&gt;</pre>"


def test_a_pdf_is_shown_although_the_statement_in_another_language_is_not_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_render, "LIMITS", replace(bounded_render.LIMITS, output_bytes=10))
    names = ("problem.de.pdf", "problem.de.tex", "problem.en.pdf", "problem.sv.md")
    files: dict[str, str | bytes] = {f"problem_statement/{name}": "text" for name in names}
    rendered = render_statements(read_package(write_package(tmp_path / "costly", files)))
    assert [(each.language, each.pdf, each.html) for each in rendered.statements] == [
        ("en", "problem_statement/problem.en.pdf", ""),
        ("de", None, "<pre>text</pre>"),
        ("sv", None, "<pre>text</pre>"),
    ]


def test_a_text_that_is_too_long_with_its_constants_is_refused() -> None:
    constants = {"c": "x" * 100_000}
    assert substitute("{{c}}{{d}}", constants) == constants["c"] + "{{d}}"
    with pytest.raises(TooLong, match="longer than"):
        substitute("{{c}}" * (MOST_CHARACTERS // 100_000 + 1), constants)


def test_a_file_that_is_too_long_with_its_constants_is_a_fault_of_the_package(tmp_path: Path) -> None:
    files = {
        "problem.yaml": f"name: X\nlimits: {{time_limit: 1}}\nconstants: {{c: {'x' * 100_000}}}\n",
        "data/secret/test_group.yaml": "args: [" + "'{{c}}'," * 1000 + "]\n",
    }
    files["problem.yaml"] = "problem_format_version: 2023-07-draft\n" + files["problem.yaml"]
    folder = write_package(tmp_path / "long", dict(files))
    with pytest.raises(BrokenPackage, match="with its constants"):
        read_package(folder)
