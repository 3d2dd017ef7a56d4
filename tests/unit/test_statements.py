"""Statements in the style of many authors are shown. Parts that cannot be shown are named by file and
line."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from judge_core.packages import Package, PackageStore, StoredPackage, read_package
from judge_core.packages.statements import RenderedStatements, render_statements
from judge_core.packages.statements.bounded_child import MIB, ChildFailed, ChildLimits, run_child
from judge_core.packages.statements.latex_box import CannotCompile, programs
from judge_core.packages.statements.latex_math import escape_lone_dollars
from judge_core.packages.statements.render import StatementInput, render

OURS = sorted(path.parent for path in Path("problems").glob("*/problem.yaml"))
STYLES = Path(__file__).with_name("statement_styles")
PNG = b"\x89PNG\r\n\x1a\n"
Files = dict[str, str | bytes]
Show = Callable[..., RenderedStatements]


def has_latex() -> bool:
    try:
        programs()
    except CannotCompile:
        return False
    return True


LATEX = has_latex()


def pdf(pages: int = 1) -> bytes:
    """A PDF with a red rectangle and a word on each page."""
    kids = " ".join(f"{3 + 2 * page} 0 R" for page in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
    ]
    for page in range(pages):
        drawing = f"1 0 0 rg 10 10 {50 + 20 * page} 50 re f".encode()
        contents = f"/MediaBox [0 0 200 100] /Contents {4 + 2 * page} 0 R /Resources << >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {contents} >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def write_package(folder: Path, files: Files) -> Path:
    base: Files = {
        "problem.yaml": "limits: {time_limit: 1}\n",
        "data/secret/1.in": "1\n",
        "data/secret/1.ans": "1\n",
    }
    for name, content in {**base, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def show(tmp_path: Path) -> Show:
    """Renders a statement of a package with some pictures, in this process."""
    return _renderer(tmp_path, _render_here)


@pytest.fixture
def show_bounded(tmp_path: Path) -> Show:
    """Renders a statement as the server does, in a process of its own with bounded time and memory."""
    return _renderer(tmp_path, render_statements)


def _render_here(package: Package) -> RenderedStatements:
    metadata = package.metadata
    return render(
        StatementInput(package.folder.resolve(), package.slug, dict(metadata.names), metadata.constants)
    )


def _renderer(tmp_path: Path, convert: Callable[[Package], RenderedStatements]) -> Show:
    def shown(
        text: str | bytes, name: str = "problem.en.tex", files: Files | None = None
    ) -> RenderedStatements:
        pictures: Files = {"fig.pdf": pdf(2), "dot.png": PNG, "Map.PNG": PNG, "plot.eps": b"%!PS"}
        beside = {**pictures, **(files or {}), name: text}
        folder = write_package(tmp_path / "shown", {place(each): content for each, content in beside.items()})
        return convert(read_package(folder))

    return shown


def place(name: str) -> str:
    return name if "/" in name else f"problem_statement/{name}"


def html_of(rendered: RenderedStatements) -> str:
    return rendered.statements[0].html


def words_of(rendered: RenderedStatements) -> str:
    """The statement without tags, in one line."""
    text = re.sub(r"<annotation.*?</annotation>", "", html_of(rendered), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def warnings_of(rendered: RenderedStatements) -> list[str]:
    return [str(each).removeprefix("problem_statement/") for each in rendered.warnings]


@pytest.mark.slow_on("foursquares", "lighthouse", "pairsum", "polygonarea", "widestgap")
@pytest.mark.parametrize("folder", OURS, ids=lambda path: path.name)
def test_the_statements_of_the_bundled_problems_are_shown_completely(folder: Path) -> None:
    rendered = render_statements(read_package(folder))
    assert rendered.statements
    assert rendered.warnings == ()


def stylish(style: Path) -> tuple[list[str], list[str]]:
    """Read the file EXPECT of a style. Returns the words that must be shown, and the warnings."""
    lines = (style / "EXPECT").read_text().splitlines()
    return [line[6:] for line in lines if line.startswith("shown ")], [
        line[7:] for line in lines if line.startswith("warned ")
    ]


@pytest.mark.parametrize("style", sorted(STYLES.iterdir()), ids=lambda path: path.name)
def test_every_part_of_these_authors_statements_is_shown_or_named_in_a_warning(
    style: Path, show: Show
) -> None:
    (statement,) = style.glob("problem.*")
    others: Files = {
        f"problem_statement/{path.relative_to(style).as_posix()}": path.read_bytes()
        for path in style.rglob("*")
        if path.is_file() and path.name not in ("EXPECT", statement.name)
    }
    rendered = show(statement.read_bytes(), statement.name, others)
    words, warnings = words_of(rendered), warnings_of(rendered)
    shown, warned = stylish(style)
    if LATEX:
        warned = [each for each in warned if "{tikzpicture}" not in each]
    missing = [each for each in shown if each not in words and each not in html_of(rendered)]
    assert not missing, html_of(rendered)
    assert [each for each in warned if not any(each in warning for warning in warnings)] == [], warnings
    assert len(warnings) == len(warned), warnings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"\fbox{Framed words}", "Framed words"),
        (r"\framebox[3cm][l]{Framed words}", "Framed words"),
        (r"\raisebox{2pt}{Raised words}", "Raised words"),
        (r"\resizebox{3cm}{!}{Small words}", "Small words"),
        (r"\fbox{\raisebox{1pt}{\scalebox{0.5}{Nested words}}}", "Nested words"),
        (r"\fcolorbox{red}{blue}{Coloured words}", "Coloured words"),
        (r"\begin{tabular}{c}\multirow{2}{*}{Spanning words}\\ x\end{tabular}", "Spanning words"),
        ("\\begin{center}\\includegraphics{dot}\\captionof{figure}{Words below}\\end{center}", "Words below"),
        ("\\begin{center}\\includegraphics{dot}\\caption{Words below}\\end{center}", "Words below"),
        (
            "\\begin{figure}\\subfloat[Words of a part]{\\includegraphics{dot}}\\end{figure}",
            "Words of a part",
        ),
        ("\\begin{figure}\\includegraphics{dot}\\caption{One\n\ntwo}\\end{figure}", "One two"),
        ("\\illustration{0.3}{dot.png}{One\n\ntwo}", "One two"),
        ("\\illustration{0.3}{dot.png}\n\nNext words", "Next words"),
        ("\\noindent 100 people", "100 people"),
        ("\\medskip\n7 dwarfs", "7 dwarfs"),
        (
            "\\begin{algorithmic}\\While{$x$} \\State go on \\EndWhile\\end{algorithmic}",
            "while x do go on end while",
        ),
    ],
)
def test_text_in_boxes_in_captions_and_after_layout_commands_is_shown(
    show: Show, text: str, words: str
) -> None:
    rendered = show(text)
    assert words in words_of(rendered)
    assert warnings_of(rendered) == []


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        (r"$\verb|5/4|$", r"\texttt{5/4}"),
        (r"\[ \verb+a_b+ \]", r"\texttt{a\_b}"),
        (r"$x \hbox{ if } y$", r"x \mbox{ if } y"),
        (r"$\mathbbm{1}$", r"\mathbb{1}"),
    ],
)
def test_commands_of_latex_packages_in_formulas_are_shown(show: Show, text: str, tex: str) -> None:
    rendered = show(text)
    assert f'<annotation encoding="application/x-tex">{tex}</annotation>' in html_of(rendered)
    assert warnings_of(rendered) == []


@pytest.mark.parametrize(
    ("formula", "mathml"),
    [
        (r"\ce{H2O}", ">H<.*>2<.*>O<"),
        (r"\ce{Ca(OH)2}", "<msub>.*>2<"),
        (r"\ce{2H2 + O2 -> 2H2O}", "→"),
        (r"\ce{SO4^2-}", "<msubsup>|<msup>"),
        (r"\ce{Fe^{3+}}", "<msup>"),
    ],
)
def test_a_chemical_formula_keeps_the_author_s_tex_beside_its_mathml(
    show: Show, formula: str, mathml: str
) -> None:
    """The pages draw the TeX. If they cannot, a browser shows the MathML."""
    for text in (formula, f"${formula}$"):
        rendered = show(f"Of {text} much.")
        tex = formula.replace(">", "&gt;")
        assert f'<annotation encoding="application/x-tex">{tex}</annotation>' in html_of(rendered)
        assert re.search(mathml, html_of(rendered))
        assert warnings_of(rendered) == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("A\n\\qrcode{x}", "problem.en.tex:2: \\qrcode is not shown"),
        (
            "A\n\n\\includegraphics{gone}",
            "problem.en.tex:3: gone is a picture that the package does not have",
        ),
        ("\\includegraphics{plot}", "problem.en.tex:1: plot is a picture that browsers do not show (.eps)"),
        ("A\n\\includegraphics{pointer}", "problem.en.tex:2: pointer is only a pointer of Git LFS"),
        ("A\n\\includegraphics{broken}", "problem.en.tex:2: broken is a PDF that cannot be shown"),
        ("A\n\nB\n\\input{gone}", "problem.en.tex:4: \\input{gone} is left out"),
        ("A\n$\\unknown{x}$", "problem.en.tex:2: the formula \\unknown{x} is shown as TeX"),
        (
            "A\n\n\\unknown{Words}",
            "problem.en.tex:3: \\unknown is not known here: its words are shown without it",
        ),
        ("It costs $5.\n\\begin{itemize}\\item a\\end{itemize}", "problem.en.tex:1: a $ opens no formula"),
        ("A\n\nB \\end{itemize}\n\nC", "problem.en.tex:3: cannot be converted from here on"),
    ],
)
def test_a_warning_about_a_part_that_cannot_be_shown_has_the_file_and_the_line(
    show: Show, text: str, warning: str
) -> None:
    files: Files = {
        "pointer.png": "version https://git-lfs.github.com/spec/v1\noid x\n",
        "broken.pdf": "%PDF-1.4",
    }
    (found,) = warnings_of(show(text, files=files))
    assert found.startswith(warning)


def test_the_rest_of_a_statement_is_shown_although_a_paragraph_has_a_fault(show: Show) -> None:
    rendered = show("\\emph{One}\n\nTwo \\fbox{open\n\n\\begin{itemize}\\item Three\\end{itemize}\n\n$x^2$")
    html = html_of(rendered)
    assert "<em>One</em>" in html
    assert "<li>" in html
    assert "<math" in html
    assert "<pre>Two \\fbox{open</pre>" in html


def test_the_words_in_an_unknown_latex_command_are_shown(show: Show) -> None:
    assert "The secret words here" in words_of(show("The \\unknown[a]{b}{secret words} here"))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("It costs $5.", "It costs \\$5."),
        ("From $a$ to $b$ it costs $5 each.", "From $a$ to $b$ it costs \\$5 each."),
        ("$a$ costs $7 each, $b$ more.", "$a$ costs \\$7 each, $b$ more."),
        ("Between $a$ and \\$5.", None),
        ("$$a$$ and $b$", None),
        ("$a\n+b$", None),
    ],
)
def test_a_dollar_sign_without_a_partner_is_escaped(text: str, escaped: str | None) -> None:
    assert escape_lone_dollars(text)[0] == (escaped or text)


def test_a_pdf_figure_is_drawn_at_the_chosen_size_and_page(show: Show) -> None:
    rendered = show(
        "\\includegraphics{fig}\\includegraphics[page=2]{fig.pdf}\\includegraphics[width=0.4\\textwidth]{fig}"
    )
    html = html_of(rendered)
    assert html.count('width="267"') == 2
    assert 'width="40%"' in html
    assert len(rendered.pictures) == 2
    assert all(content.startswith(PNG) for content in rendered.pictures.values())
    assert warnings_of(rendered) == []


@pytest.mark.parametrize("name", ["problem.en.md", "problem.en.html"])
def test_a_pdf_figure_is_drawn_in_markdown_and_html_statements(show: Show, name: str) -> None:
    text = "![A plot](fig.pdf)" if name.endswith("md") else '<p><img src="fig.pdf" alt="A plot"></p>'
    rendered = show(text, name)
    assert len(rendered.pictures) == 1
    assert 'src="/problems/shown/files/pictures/' in html_of(rendered)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "<p>Given $n$\nand $a_i \\le 5$.</p>",
            "problem.en.html:1: $n$ and 1 more: formulas in TeX",
        ),
        ("<p>Given</p>\n<p>\\(n\\)</p>", "problem.en.html:2: \\(n\\): formulas in TeX are shown"),
        ("<p>$$\nx^2\n$$</p>", "problem.en.html:1: $$ x^2 $$: formulas in TeX are shown"),
        ("<p>costs $5 and $10, US$3</p>", ""),
        ("<pre>echo $A$</pre><code>\\(x\\)</code>", ""),
        ("<math><mi>n</mi></math>", ""),
    ],
    ids=["dollars", "parentheses", "display", "money", "code", "mathml"],
)
def test_there_is_a_warning_for_tex_formulas_in_an_html_statement(
    show: Show, text: str, warning: str
) -> None:
    found = warnings_of(show(text, "problem.en.html"))
    assert [each[: len(warning)] for each in found] == ([warning] if warning else [])


def test_the_warning_about_a_command_that_cannot_be_shown_says_how_to_make_a_picture(show: Show) -> None:
    (found,) = warnings_of(show("\\qrcode{x}"))
    assert "\\documentclass{standalone}" in found
    assert "\\includegraphics" in found


@pytest.mark.parametrize("source", ["map", "map.png", "MAP", "./Map.PNG", "sub/../map"])
def test_a_picture_is_found_although_its_capitals_or_ending_differ(show: Show, source: str) -> None:
    rendered = show(f"\\includegraphics{{{source}}}", files={"sub/x.txt": ""})
    assert "/files/problem_statement/Map.PNG" in html_of(rendered)
    assert warnings_of(rendered) == []


@pytest.mark.parametrize("source", ["a%00.png", "b/" * 3000 + "c.png"], ids=["nul", "long"])
def test_a_picture_with_an_impossible_name_is_warned_about_and_the_rest_is_shown(
    show: Show, source: str
) -> None:
    rendered = show(f'<p>Words</p><img src="{source}">', "problem.en.html")
    assert "<p>Words</p>" in html_of(rendered)
    assert "is a picture that the package does not have" in "\n".join(warnings_of(rendered))


def test_an_included_file_with_an_impossible_name_is_warned_about_and_the_rest_is_shown(show: Show) -> None:
    rendered = show("Words \\input{a\0b}")
    assert "Words" in html_of(rendered)
    assert "there is no such file beside the statement" in "\n".join(warnings_of(rendered))


def test_a_picture_embedded_in_a_statement_is_stored_and_shown(show: Show) -> None:
    rendered = show('<img src="data:image/png;base64,iVBORw0KGgo=">', "problem.en.html")
    assert list(rendered.pictures.values()) == [PNG]
    assert "data:" not in html_of(rendered)


def test_pictures_drawn_from_pdf_figures_are_stored_beside_the_package(tmp_path: Path) -> None:
    folder = write_package(
        tmp_path / "drawn",
        {"problem_statement/problem.en.tex": "\\includegraphics{fig}", "problem_statement/fig.pdf": pdf()},
    )
    stored = add(tmp_path, folder)
    pictures = PackageStore(tmp_path / "store").pictures(stored.hash)
    assert pictures is not None
    (name,) = zipfile.ZipFile(pictures).namelist()
    assert f"/problems/drawn/files/pictures/{name}" in stored.spec.statements[0].html
    assert PackageStore(tmp_path / "store").pictures("0" * 64) is None


def test_adding_a_package_warns_about_a_missing_picture_with_file_and_line(tmp_path: Path) -> None:
    folder = write_package(
        tmp_path / "lossy", {"problem_statement/problem.en.tex": "A\n\\includegraphics{gone}"}
    )
    places = [(fault.file, fault.line) for fault in add(tmp_path, folder).warnings]
    assert ("problem_statement/problem.en.tex", 2) in places


def add(root: Path, folder: Path) -> StoredPackage:
    return PackageStore(root / "store").add_folder(folder)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (
            "A\\footnote{Note.}",
            [("#statement-fn1", "statement-fn1"), ("#statement-fnref1", "statement-fnref1")],
        ),
        ("\\section{S}\\label{s}\nSee \\ref{s}.", [("#statement-s", "statement-s")]),
        (
            "\\begin{figure}\\includegraphics{dot}\\caption{C}\\label{f}\\end{figure}\nSee \\ref{f}.",
            [("#statement-f", "statement-f")],
        ),
    ],
)
def test_footnotes_and_references_link_to_existing_ids(
    show: Show, text: str, pairs: list[tuple[str, str]]
) -> None:
    html = html_of(show(text))
    for link, target in pairs:
        assert f'href="{link}"' in html
        assert f'id="{target}"' in html


def test_ids_of_a_statement_get_a_prefix_so_that_they_differ_from_the_page_s_ids(show: Show) -> None:
    html = html_of(show('<p id="root">A</p><a href="#root">B</a>', "problem.en.html"))
    assert 'id="statement-root"' in html
    assert 'href="#statement-root"' in html


@pytest.mark.parametrize("tag", ["iframe", "video", "svg", "canvas", "script", "object"])
def test_there_is_a_warning_for_an_html_tag_that_is_removed(show: Show, tag: str) -> None:
    (warning,) = warnings_of(show(f"<p>A</p>\n<{tag}></{tag}>\n<p>B</p>", "problem.en.html"))
    assert warning.startswith(f"problem.en.html:2: <{tag}> is not shown")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\\problemname{Caf\\'e \\& ``Bar''}", "Café & “Bar”"),
        ("% \\problemname{Old}\n\\problemname{New}", "New"),
        ("\\begin{verbatim}\n\\problemname{Old}\n\\end{verbatim}\n\\problemname{New}", "New"),
        ("\\problemname{Sum $x^2$}", "Sum x²"),
        ("\\problemname{\\textbf{Bold} -- {\\it and} more~words}", "Bold – and more words"),
        ("%% plainproblemname: Plain\n\\problemname{$\\sum$}", "Plain"),
        (
            "\\begin{problem}{Polygon's}{standard input}{standard output}{1 s}{256 MB}\\end{problem}",
            "Polygon’s",
        ),
    ],
)
def test_a_problem_name_in_latex_is_shown_as_text(show: Show, text: str, name: str) -> None:
    rendered = show(f"{text}\nWords.")
    assert rendered.statements[0].name == name
    assert words_of(rendered).endswith("Words.")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Caf\xe9".encode("latin-1"), "Café"),
        ("\u201cquoted\u201d".encode("cp1252"), "“quoted”"),
        ("\\usepackage[cp1251]{inputenc}\n\\begin{document}Задача\\end{document}".encode("cp1251"), "Задача"),
        ("\\usepackage[koi8-r]{inputenc}\n\\begin{document}Задача\\end{document}".encode("koi8-r"), "Задача"),
        (b"\\usepackage[undefined]{inputenc}\n\\begin{document}Caf\xe9\\end{document}", "Café"),
        (b"\\usepackage[unicode_escape]{inputenc}\n\\begin{document}Caf\xe9\\end{document}", "Café"),
    ],
)
def test_a_statement_that_is_not_utf8_is_shown_with_a_warning(show: Show, content: bytes, words: str) -> None:
    rendered = show(content)
    assert words in words_of(rendered)
    assert "is not UTF-8" in warnings_of(rendered)[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_encoding_of_a_statement_is_read_from_its_byte_order_mark(show: Show, encoding: str) -> None:
    rendered = show("Größe\r\nzwei".encode(encoding))
    assert words_of(rendered) == "Größe zwei"
    assert warnings_of(rendered) == []


def test_verbatim_text_is_shown_unchanged(show: Show) -> None:
    block = "\\begin{verbatim}\n\\begin{Input} $5 % kept\n\\fbox{x} \\input{gone}\n\\end{verbatim}"
    text = f"{block}\n\\verb|\\nextsample|"
    rendered = show(text)
    assert "\\begin{Input} $5 % kept\n\\fbox{x} \\input{gone}" in html_of(rendered)
    assert "<code>\\nextsample</code>" in html_of(rendered)
    assert warnings_of(rendered) == []


def test_included_files_are_shown_and_their_warnings_have_their_own_lines(show: Show) -> None:
    files: Files = {
        "part.tex": "Part one.\n\n\\includegraphics{gone}\n",
        "problem_statement/deep/er.tex": "Deeper.",
        "code.py": "print(1)",
    }
    rendered = show("\\input{part}\n\\input{deep/er.tex} and \\lstinputlisting{code.py}", files=files)
    assert "Part one. Deeper. and print(1)" in words_of(rendered).replace("image ", "")
    assert warnings_of(rendered) == ["part.tex:3: gone is a picture that the package does not have"]


@pytest.mark.parametrize(
    "path",
    [
        "../data/secret/1.in",
        "../submissions/accepted/a.py",
        "/etc/passwd",
        "../../other.tex",
        "problem.en.tex",
    ],
)
def test_a_statement_cannot_include_secret_tests_host_files_or_itself(
    show: Show, tmp_path: Path, path: str
) -> None:
    (tmp_path / "other.tex").write_text("SECRET")
    rendered = show(
        f"A \\verbatiminput{{{path}}} \\input{{{path}}}",
        files={"data/secret/1.in": "SECRET", "submissions/accepted/a.py": "SECRET"},
    )
    assert "SECRET" not in html_of(rendered)
    assert "root:" not in html_of(rendered)
    assert warnings_of(rendered)


def test_examples_of_polygon_are_shown_if_the_package_has_no_samples(show: Show) -> None:
    text = "\\Example\n\\begin{example}\\exmp{1 2}{3}\\end{example}"
    assert "1 2" in html_of(show(text))
    assert "1 2" not in html_of(show(text, files={"data/sample/1.in": "1 2", "data/sample/1.ans": "3"}))


def test_there_is_a_warning_for_a_second_statement_in_the_same_language(show: Show) -> None:
    rendered = show("One", "problem.en.md", {"problem.en.tex": "Two"})
    assert warnings_of(rendered) == ["problem.en.tex: is not shown: the package has another statement in en"]


def growing_macros() -> str:
    """Seven commands. Each command uses the previous command ten times, so together they make ten million
    letters."""
    steps = zip("abcdef", "bcdefg", strict=True)
    made = (f"\\newcommand{{\\{after}}}{{" + f"\\{before}" * 10 + "}" for before, after in steps)
    return "\\newcommand{\\a}{xxxxxxxxxx}" + "".join(made) + "\\g" * 4


HOSTILE = {
    "brackets": "{" * 900 + "}" * 900,
    "links": "[" * 5000,
    "macros": growing_macros(),
    "dollars": "$" * 100_001,
    "verbs": "\\verb|" * 50_000,
    "verbatims": "\\begin{verbatim}" * 30_000,
    "inputs": "\\input{x}" * 20_000,
    "captions": "\\caption{" * 50_000,
    "pictures": "\\includegraphics{x}" * 3000,
}


LONG = ("links", "macros")
"""These statements use up the converter's time limit."""
SLOW = ("dollars", "pictures", "verbs")
"""These statements take some seconds. `make test` keeps other statements of their kind."""


def _cost(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.long] * (name in LONG) + [pytest.mark.slow] * (name in SLOW)


@pytest.mark.parametrize("name", [pytest.param(name, marks=_cost(name)) for name in HOSTILE])
def test_converting_a_hostile_statement_ends_within_the_time_limit(show_bounded: Show, name: str) -> None:
    """All of a package's statements together have 30 s. The suite's own time limit ends a longer test."""
    file = "problem.en.md" if name == "links" else "problem.en.tex"
    assert len(html_of(show_bounded(HOSTILE[name], file))) < 16 * MIB


WIDE = ChildLimits(seconds=60)
"""Limits that stop no program on a busy machine. Each case of the next test but the last lowers one
of them."""


@pytest.mark.parametrize(
    ("program", "limits", "said"),
    [
        ("while True: pass", replace(WIDE, seconds=1), "more than 1 s"),
        (
            "import sys\nwhile True: sys.stdout.write('x' * 65536)",
            replace(WIDE, output_bytes=MIB),
            "more than 1 MiB|File too large",
        ),
        ("x = bytearray(900 << 20)", replace(WIDE, memory_bytes=512 * MIB), "MemoryError"),
        ("raise SystemExit(3)", WIDE, "exit code 3"),
    ],
    ids=["time", "output", "memory", "its own end"],
)
def test_a_converter_that_exceeds_a_limit_is_stopped_with_the_reason(
    program: str, limits: ChildLimits, said: str
) -> None:
    with pytest.raises(ChildFailed, match=said):
        run_child([sys.executable, "-c", program], b"", limits)


def test_the_pdf_renderer_cannot_open_files_sockets_or_processes() -> None:
    """The renderer is not trusted, because a PDF could take control of it."""
    program = (
        "import importlib.util, os, socket, sys\n"
        "spec = importlib.util.spec_from_file_location('figure', sys.argv[1])\n"
        "figure = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(figure)\n"
        "figure.give_up_system_calls()\n"
        "for attempt in (lambda: open('/etc/passwd'), socket.socket, os.fork, lambda: os.kill(1, 0),"
        " lambda: os.execv('/bin/true', ['true'])):\n"
        "    try:\n"
        "        attempt()\n"
        "        os.write(1, b'got through')\n"
        "    except PermissionError:\n"
        "        os.write(1, b'refused ')\n"
        "os._exit(0)\n"
    )
    script = Path("judge_core/packages/statements/pdf_figure.py").resolve()
    done = subprocess.run([sys.executable, "-c", program, str(script)], capture_output=True, check=False)
    assert done.stdout == b"refused " * 5, done.stderr
