"""LaTeX draws Tikz pictures in a box. If a picture cannot be drawn, there is a warning."""

from __future__ import annotations

import re
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from judge_core.packages.statements import latex_box
from judge_core.packages.statements.bounded_child import ChildFailed, run_child
from judge_core.packages.statements.drawings import Drawings, find_pictures
from tests.unit.test_statements import LATEX, PNG, Show, html_of, show, warnings_of

__all__ = ["show"]
NEEDED = "no LaTeX runs here (the server needs "
STATEMENT = r"""\usepackage{pgfplots,fancyhdr}
\usetikzlibrary{positioning}
\newcommand{\name}[1]{$v_{#1}$} % a command of the statement
\def\far{3}
Before.

\begin{figure}\centering
\begin{tikzpicture}[every node/.style={draw, circle}]
  \node (a) {\name{1}}; % the first
  \node (b) [right=of a] {\name{2}};
  \draw[->, red] (a) -- (b);
\end{tikzpicture}
\caption{Two.}
\end{figure}

A dot \tikz \fill (0,0) circle (\far pt); and \verb|\tikz| after.
"""


def picture(body: str) -> str:
    return f"\\begin{{tikzpicture}}\n{body}\n\\end{{tikzpicture}}"


@dataclass
class Drawn:
    text: str = ""
    pdfs: dict[str, bytes] = field(default_factory=dict)
    warnings: list[tuple[str, int | None]] = field(default_factory=list)


def draw(text: str, seconds: float = 60) -> Drawn:
    drawn = Drawn()
    drawings = Drawings(drawn.pdfs.__setitem__, time.monotonic() + seconds)
    drawn.text = drawings.draw(text, lambda message, line: drawn.warnings.append((message, line)))
    return drawn


def test_a_tikz_picture_is_drawn_where_latex_is_installed(show: Show) -> None:
    rendered = show(STATEMENT)
    html, warnings = html_of(rendered), warnings_of(rendered)
    assert "Before." in html
    assert "after." in html
    assert "gavel-tikz" not in html
    if not LATEX:
        assert [each.split(" is not shown")[0] for each in warnings] == [
            "problem.en.tex:8: \\begin{tikzpicture}",
            "problem.en.tex:16: \\tikz",
        ]
        assert all(NEEDED in each for each in warnings)
        return
    assert warnings == []
    assert html.count('src="/problems/shown/files/pictures/') == 2
    wide = max(rendered.pictures.values(), key=lambda each: struct.unpack(">I", each[16:20]))
    assert wide.startswith(PNG)
    assert 100 < struct.unpack(">I", wide[16:20])[0] < 400


def test_there_is_a_warning_for_a_picture_that_a_macro_makes(show: Show) -> None:
    (found,) = warnings_of(show("\\newcommand{\\p}{" + picture("\\node{x};") + "}\nA\n\n\\p\n\nB"))
    assert "\\begin{tikzpicture} is not shown: compile it" in found


def test_if_latex_is_missing_the_warning_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latex_box, "PROGRAM_PATH", "/nowhere")
    drawn = draw("A\n" + picture("\\node{x};") + "\nB")
    ((message, line),) = drawn.warnings
    assert line == 2
    assert "needs bubblewrap and util-linux and texlive-latex-base and texlive-pictures)" in message
    assert "\\documentclass{standalone}" in message
    assert drawn.text == "A\n%\n%\n\nB"


HOSTILE = {
    "a program": (r"\immediate\write18{id > id.txt}\node{x};", r"starts a program"),
    "a program by a pipe": (r"\input{|id}", "LaTeX says"),
    "passwd": (r"\input{/etc/passwd}", "LaTeX says"),
    "passwd by TeX": (r"\csname @@input\endcsname /etc/passwd ", "LaTeX says"),
    "a file read": (r"\newread\f\openin\f=CANARY \read\f to\x \errmessage{\x}", "LaTeX says"),
    "a file dumped": (r"\errmessage{<\pdffiledump offset 0 length 99{CANARY}>}", "LaTeX says: <>"),
    "a file's hash": (r"\errmessage{<\pdfmdfivesum file {CANARY}>}", "LaTeX says: <>"),
    "a file's size": (r"\errmessage{<\pdffilesize{CANARY}>}", "LaTeX says: <>"),
    "a file's time": (r"\errmessage{<\pdffilemoddate{CANARY}>}", "LaTeX says: <>"),
    "a file's existence": (
        r"\newread\f\openin\f=CANARY \errmessage{\ifeof\f<none>\else<there>\fi}",
        "LaTeX says: <none>",
    ),
    "an image": (r"\pdfximage{CANARY}", "LaTeX says|Not reading from"),
    "a font": (r"\font\x=CANARY ", "LaTeX says: Font"),
    "a file above": (r"\input{../../../../../../..CANARY}", "LaTeX says"),
    "a file embedded": (r"\immediate\pdfobj stream file {CANARY}", "LaTeX says"),
    "a file written": (r"\newwrite\f\immediate\openout\f=CANARY \immediate\write\f{x}", "LaTeX says"),
    "another file written": (r"\newwrite\f\immediate\openout\f=more.tex ", "LaTeX says"),
    "an endless macro": (r"\def\x{\x}\x", "was stopped|takes more than"),
    "a growing macro": (r"\def\x{x}\loop\edef\x{\x\x}\iftrue\repeat", "LaTeX says: TeX capacity"),
    "an endless log": (
        r"\def\x{xxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\loop\immediate\write-1{\x\x\x\x\x\x\x}\iftrue\repeat",
        "stopped",
    ),
    "endless words": (r"\loop\message{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\iftrue\repeat", "stopped|takes"),
    "an unknown command": (r"\node{\unknown};", r"LaTeX says: Undefined control sequence: .*\\unknown"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_ends_in_a_warning_and_reads_no_file_of_the_host(name: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary.tex"
    canary.write_text("SECRETWORDS\n")
    body, said = HOSTILE[name]
    drawn = draw(picture(body.replace("CANARY", str(canary))), seconds=3 if "takes" in said else 60)
    assert drawn.pdfs == {}
    ((message, line),) = drawn.warnings
    assert line == 1
    assert "SECRETWORDS" not in message
    assert "5345435245" not in message
    assert "root:" not in message
    assert canary.read_text() == "SECRETWORDS\n"
    if LATEX:
        assert re.search(said, message), message
    else:
        assert NEEDED in message


@pytest.mark.parametrize("command", [["cat", "CANARY"], ["cat", "/etc/passwd"], ["touch", "/w/x", "/x"]])
def test_in_the_latex_box_a_program_can_read_no_host_file_and_create_no_file(
    command: list[str], tmp_path: Path
) -> None:
    """Even a TeX program that an attacker controls reads no file of the host."""
    (tmp_path / "canary").write_text("SECRETWORDS")
    for ending in ("tex", "pdf", "log", "aux"):
        (tmp_path / f"picture.{ending}").touch()
    words = [
        f"/usr/bin/{command[0]}",
        *(each.replace("CANARY", f"{tmp_path}/canary") for each in command[1:]),
    ]
    if not LATEX:
        with pytest.raises(latex_box.CannotCompile, match="the server needs"):
            latex_box.programs()
        return
    with pytest.raises(ChildFailed, match=r"No such file|Read-only file system"):
        run_child([*latex_box.box(latex_box.programs(), tmp_path), *words], b"")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"\tikz{\draw (0,0);} a", [r"\tikz{\draw (0,0);}"]),
        (r"\tikz[x=1] \node {a;b}; c;", [r"\tikz[x=1] \node {a;b};"]),
        (r"{\tikz \draw} a;", []),
        ("\\tikz \\draw\n\n(0,0);", []),
        (r"\newcommand{\p}[1]{\begin{tikzpicture}#1\end{tikzpicture}}", []),
        (picture("a" + picture("b")), [picture("a" + picture("b"))]),
        (r"\begin{tikzpicture}" * 3, []),
    ],
)
def test_tikz_pictures_are_found_in_a_latex_text(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in find_pictures(text)] == found


def test_a_picture_gets_the_definitions_that_come_before_it() -> None:
    text = (
        "\\usepackage[x]{tikz,amssymb}\\def\\a#1{b}\\renewcommand\\c[2]{d}\\tikzstyle{e}=[f]\n"
        "\\definecolor{g}{rgb}{1,0,0}" + picture("h") + "\\newcommand{\\i}{j}"
    )
    (found,) = find_pictures(text)
    assert found.settings == (
        "\\usepackage{amssymb}",
        "\\def\\a#1{b}",
        "\\renewcommand\\c[2]{d}",
        "\\tikzstyle{e}=[f]",
        "\\definecolor{g}{rgb}{1,0,0}",
    )


def test_a_drawing_in_a_formula_is_shown_or_there_is_a_warning(show: Show) -> None:
    tikz = picture("\\fill (0,0) circle (1);")
    rendered = show(f"\\[\n{tikz}.\n\\]\n\n$${tikz}$$\n\nA $1 + {tikz}$")
    if LATEX:
        assert html_of(rendered).count("<img") == 2
        assert warnings_of(rendered) == [
            "problem.en.tex: a drawing within a formula is not shown: put it outside of the formula"
        ]
    else:
        assert [each.split(":")[1] for each in warnings_of(rendered)] == ["2", "7", "11"]


def test_the_number_and_the_size_of_pictures_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("judge_core.packages.statements.drawings.compile_pdf", lambda *_: b"%PDF")
    drawn = draw("\n".join(picture(str(number)) for number in range(40)) + picture("x" * 70_000))
    assert len(drawn.pdfs) == 30
    assert len(drawn.warnings) == 11
    assert "more than 64 KiB" in draw(picture("x" * 70_000)).warnings[0][0]
    assert "definitions" in draw("\\def\\x{" + "x" * 40_000 + "}" + picture("y")).warnings[0][0]
    assert draw("\n".join([picture("same")] * 50)).text.count("gavel-tikz-1}") == 50
