"""Turns pandoc's notes on LaTeX into warnings about parts that a reader of the statement would miss."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from judge_core.packages.statements.latex_text import arguments, brace_ends
from judge_core.packages.statements.pandoc import Note

_COMMAND = re.compile(r"\\([a-zA-Z@]+\*?)")
_WHOLE_ENVIRONMENT = re.compile(r"\\begin\s?\{([^{}]+)\}(?=.*\\end)", re.DOTALL)
_LENGTH = re.compile(r"[-+\d.,\s]*(cm|mm|pt|em|ex|in|px|sp|bp|\\\w+)?\s*|#?[0-9a-fA-F]{6}")
_LAYOUT = frozenset(
    re.findall(
        r"\w+",
        """
    noindent indent vspace hspace vskip hskip smallskip medskip bigskip newpage clearpage
    cleardoublepage pagebreak linebreak nopagebreak nolinebreak allowbreak nobreak centering
    raggedright raggedleft sloppy fussy tiny small footnotesize scriptsize normalsize large Large
    LARGE huge Huge hfill vfill hfil vfil hss vss kern par label pageref usepackage RequirePackage
    documentclass setlength addtolength setcounter addtocounter stepcounter refstepcounter parindent
    parskip textwidth linewidth columnwidth textheight hline cline toprule midrule bottomrule
    cmidrule color definecolor colorlet pagecolor pagestyle thispagestyle graphicspath
    usetikzlibrary tikzset pgfplotsset lstset captionsetup newcolumntype arraystretch arrayrulewidth
    extrarowheight strut null protect ignorespaces unskip leavevmode phantom hphantom vphantom
    makeatletter makeatother relax begingroup endgroup bgroup egroup hypersetup selectlanguage
    fontsize selectfont baselineskip baselinestretch tabcolsep itemsep parsep topsep setlist index
    addcontentsline frenchspacing displaystyle textstyle htmlPixelsInCm binoppenalty relpenalty
    hyphenpenalty widowpenalty clubpenalty tolerance emergencystretch hyphenation newtheorem
    theoremstyle newlength newcounter newsavebox newif let global long edef xdef gdef expandafter
    csname endcsname columnsep multicolsep setmainfont setmonofont geometry maketitle title author
    date rowcolor rowcolors cellcolor columncolor hrule hrulefill rule dotfill abovecaptionskip
    belowcaptionskip intextsep floatsep textfloatsep setstretch onehalfspacing doublespacing
    singlespacing allowdisplaybreaks numberwithin appendix tableofcontents listoffigures today
    contest ShortProblemTitle ProblemIndex DeclareGraphicsExtensions DeclareGraphicsRule
    inputencoding defaulttimelimit timelimit newblock FloatBarrier balance flushbottom raggedbottom
    nonumber notag limits nolimits ttfamily sffamily rmfamily bfseries mdseries itshape upshape
    slshape scshape em footnotemark pdfinfo pdfoutput ifpdf fi else unitlength
    """,
    )
)
"""Commands that set how a page looks: nothing is lost without them."""
BY_ITSELF = (
    "compile it to a PDF by itself (\\documentclass{standalone}), "
    "put that beside the statement, and write \\includegraphics with its name in this place"
)
_ELSEWHERE = f"is not shown: {BY_ITSELF}"


@dataclass(frozen=True, slots=True)
class ConversionWarnings:
    """Warnings with their lines. ``unknown`` has the commands whose words can be kept, each with its number
    of arguments."""

    messages: tuple[tuple[str, int | None], ...] = ()
    unknown: dict[str, int] = field(default_factory=dict)

    def with_second(self, second: ConversionWarnings) -> ConversionWarnings:
        """These warnings, and those about parts that only the second conversion lost."""
        named = {(message.split(" ", 1)[0], line) for message, line in self.messages}
        more = [each for each in second.messages if (each[0].split(" ", 1)[0], each[1]) not in named]
        return ConversionWarnings((*self.messages, *more), {})


def conversion_warnings(notes: tuple[Note, ...], text: str) -> ConversionWarnings:
    """The parts of a text that pandoc left out, apart from layout."""
    messages: dict[tuple[str, int | None], None] = {}
    unknown: dict[str, int] = {}
    for note in notes:
        if note.kind in ("InlineNotRendered", "BlockNotRendered"):
            messages[f"{note.contents.strip()[:60]} is not shown", note.line] = None
        elif note.kind == "CouldNotLoadIncludeFile" and not note.contents.endswith((".sty", ".cls")):
            messages[
                f"{note.contents[:60]} is not included: there is no such file beside the statement", note.line
            ] = None
        elif note.kind == "SkippedContent":
            message = _skipped(note, unknown)
            if message:
                messages[message, _first_line(note)] = None
    return ConversionWarnings(tuple(messages), unknown)


def _first_line(note: Note) -> int | None:
    """The first line of a part. Pandoc names the line in which a command ends, and the one in which an
    environment begins."""
    contents = note.contents.strip()
    if note.line is None or contents.startswith("\\begin"):
        return note.line
    return max(1, note.line - contents.count("\n"))


def _skipped(note: Note, unknown: dict[str, int]) -> str | None:
    contents = note.contents.strip()
    whole = _WHOLE_ENVIRONMENT.match(contents)
    if whole:
        return f"\\begin{{{whole.group(1)}}} {_ELSEWHERE}"
    command = _COMMAND.match(contents)
    if not command or contents.startswith(("\\begin", "\\end")) or command.group(1).rstrip("*") in _LAYOUT:
        return None
    name = command.group(1)
    if name.rstrip("*") in ("tikz", "chessboard", "qrcode", "Qcircuit"):
        return f"\\{name} {_ELSEWHERE}"
    if name == "exmpfile":
        return "\\exmpfile is not shown: put the example into data/sample"
    ends = brace_ends(contents)
    groups = arguments(contents, command.end(), 9, ends)
    words = contents[groups[-1] + 1 : ends[groups[-1]]] if groups else ""
    if _LENGTH.fullmatch(words):
        return f"\\{name} is left out: it is not known here" if not groups or words.strip() == "" else None
    unknown[name.rstrip("*")] = len(groups)
    return f"\\{name} is not known here: its words are shown without it"
