"""Renders a package's statements in a child process with bounded time, memory and output.

Authors are not trusted: a short statement can cost a converter or a sanitiser minutes and gigabytes. The
modules of this folder import few others, because a process's imports take longer than most statements.
"""

from __future__ import annotations

import base64
import html
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge_core.model.problem import Statement
from judge_core.packages.diagnostics import Diagnostic
from judge_core.packages.public_files import STATEMENT_NAME
from judge_core.packages.statements.bounded_child import MIB, ChildFailed, ChildLimits, run_child
from judge_core.packages.statements.render import RenderedStatements, StatementInput, candidates, render

if TYPE_CHECKING:
    from judge_core.packages.package import Package

LIMITS = ChildLimits(45, 64 * MIB, 2048 * MIB, own_group=True)
_SHOWN_BYTES = 64 * 1024


def render_statements(package: Package) -> RenderedStatements:
    """Every statement of the package, English first, then by language, with warnings about parts that are not
    shown.

    If rendering fails, or takes too much time or memory, the beginning of each text is shown as it was
    written, with a warning. PDFs are shown in any case, since they are not rendered.
    """
    given = StatementInput(
        package.folder.resolve(), package.slug, dict(package.metadata.names), package.metadata.constants
    )
    return render_texts(given)


def render_texts(given: StatementInput) -> RenderedStatements:
    """As :func:`render_statements`, for a folder that need not be a whole package."""
    if not any(path.is_file() for path in candidates(given.folder)):
        return RenderedStatements((), (), {})
    message = json.dumps({**asdict(given), "folder": str(given.folder)}, allow_nan=False).encode()
    try:
        return _load(run_child([sys.executable, "-P", "-m", __name__], message, LIMITS))
    except ChildFailed as error:
        return _as_written(given, str(error))


def _as_written(package: StatementInput, why: str) -> RenderedStatements:
    found: dict[str, Statement] = {}
    warnings = []
    for path in candidates(package.folder):
        hit = STATEMENT_NAME.fullmatch(path.name)
        if not hit or not path.is_file():
            continue
        language = hit.group("language") or "en"
        name, place = package.names.get(language, ""), path.relative_to(package.folder).as_posix()
        if hit.group("kind") == "pdf":
            found.setdefault(language, Statement(language, name, "", pdf=place))
            continue
        with path.open("rb") as file:
            text = file.read(_SHOWN_BYTES).decode("utf-8-sig", errors="replace")
        if language not in found or found[language].pdf:
            found[language] = Statement(language, name, f"<pre>{html.escape(text)}</pre>")
        message = f"is shown as it was written: {why.strip().splitlines()[-1][:200]}"
        warnings.append(Diagnostic(place, message, warning=True))
    ordered = sorted(found.values(), key=lambda each: (each.language != "en", each.language))
    return RenderedStatements(tuple(ordered), tuple(warnings), {})


def _dump(rendered: RenderedStatements) -> bytes:
    body = {
        "statements": [asdict(statement) for statement in rendered.statements],
        "warnings": [asdict(fault) for fault in rendered.warnings],
        "pictures": {name: base64.b64encode(data).decode() for name, data in rendered.pictures.items()},
    }
    return json.dumps(body, allow_nan=False).encode()


def _load(content: bytes) -> RenderedStatements:
    body: dict[str, Any] = json.loads(content)
    return RenderedStatements(
        tuple(Statement(**statement) for statement in body["statements"]),
        tuple(Diagnostic(**fault) for fault in body["warnings"]),
        {name: base64.b64decode(data) for name, data in body["pictures"].items()},
    )


def main() -> None:
    """Render the statements of the package that standard input names, and print the result."""
    given = json.load(sys.stdin)
    rendered = render(StatementInput(**{**given, "folder": Path(given["folder"])}))
    sys.stdout.buffer.write(_dump(rendered))


if __name__ == "__main__":
    main()
