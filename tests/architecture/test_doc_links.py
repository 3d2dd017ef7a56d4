"""Files and anchors exist if a link in Markdown, a comment or an error message names them."""

import re
import subprocess
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_FOREIGN = ("tests/golden/foreign/", "tests/unit/statement_styles/", "tests/corpus/", "problems/")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PAGE = re.compile(r"(?<![\w/.-])((?:docs|benchmarks/results)/[\w/.-]+\.(?:md|png|svg))(#[\w-]+)?")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=_ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    paths = (_ROOT / name for name in names.split("\0") if name and not name.startswith(_FOREIGN))
    return [path for path in paths if path.is_file()]


@cache
def _anchors(page: Path) -> frozenset[str]:
    """The anchors that GitHub gives the headings of a page, and those that the page sets itself."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#{1,6} +(.+)$", text, re.MULTILINE)
    found: list[str] = re.findall(r'<a id="([\w-]+)">', text)
    for heading in headings:
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.append(re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-"))
    return frozenset(found)


def _missing(page: Path, anchor: str) -> bool:
    if not page.exists():
        return True
    return bool(anchor) and page.suffix == ".md" and anchor not in _anchors(page)


def test_every_relative_link_and_anchor_of_a_page_resolves() -> None:
    wrong = []
    for page in _tracked("*.md"):
        for link in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
            path, _, anchor = link.partition("#")
            if "://" in link or link.startswith("mailto:"):
                continue
            target = (page.parent / path).resolve() if path else page
            if _missing(target, anchor):
                wrong.append(f"{page.relative_to(_ROOT)}: {link}")
    assert not wrong, "These links have no target:\n" + "\n".join(wrong)


def test_every_page_that_code_or_configuration_names_exists() -> None:
    wrong = []
    for file in _tracked():
        if file.suffix in {".png", ".svg", ".woff2", ".zip"} or file.name == "package-lock.json":
            continue
        for path, anchor in _PAGE.findall(file.read_text("utf-8", errors="replace")):
            if _missing(_ROOT / path, anchor[1:]):
                wrong.append(f"{file.relative_to(_ROOT)}: {path}{anchor}")
    assert not wrong, "These files name pages that do not exist:\n" + "\n".join(wrong)


def test_decision_records_are_numbered_without_gaps_dated_and_listed() -> None:
    folder = _ROOT / "docs" / "decisions"
    records = sorted(page for page in folder.glob("*.md") if page.name != "README.md")
    assert [page.name[:4] for page in records] == [f"{n:04d}" for n in range(1, len(records) + 1)]
    index = (folder / "README.md").read_text("utf-8")
    for page in records:
        title, _, status = page.read_text("utf-8").split("\n")[:3]
        assert title.startswith(f"# {page.name[:4]}. "), page.name
        assert re.match(r"Status: (accepted|superseded by .+)\. Date: \d{4}-\d\d-\d\d\.$", status), page.name
        assert f"({page.name})" in index, f"{page.name} is missing in docs/decisions/README.md"


def test_every_page_of_the_docs_is_in_their_index() -> None:
    docs = _ROOT / "docs"
    index = (docs / "README.md").read_text("utf-8")
    pages = [page.relative_to(docs).as_posix() for page in _tracked("docs/*.md")]
    expected = [page for page in pages if not page.startswith(("README.md", "decisions/0"))]
    assert [page for page in expected if f"({page})" not in index] == []


def test_every_test_that_a_page_names_exists() -> None:
    wrong, tests = [], _tracked("**/test_*.py")
    for page in _tracked("*.md"):
        for file, name in re.findall(r"`((?:\w+/)*test_\w+\.py)(?:::(test_\w+))?`", page.read_text("utf-8")):
            found = [path for path in tests if path.as_posix().endswith(f"/{file}")]
            if not any(f"def {name}(" in path.read_text("utf-8") if name else True for path in found):
                wrong.append(f"{page.relative_to(_ROOT)}: {file}::{name}")
    assert not wrong, "These pages name tests that do not exist:\n" + "\n".join(wrong)


def test_every_source_file_that_a_page_names_exists() -> None:
    folders = "judge_api|judge_core|workers|sandbox|gavel_client|frontend|tests|benchmarks|deploy"
    named = re.compile(rf"`((?:{folders})/[\w/.-]+\.(?:py|tsx?|toml|c|h|yml|list|json))`")
    wrong = []
    for page in _tracked("*.md"):
        files = [file for file in named.findall(page.read_text("utf-8")) if "00NN" not in file]
        wrong += [f"{page.relative_to(_ROOT)}: {file}" for file in files if not (_ROOT / file).exists()]
    assert not wrong, "These pages name files that do not exist:\n" + "\n".join(wrong)


def test_every_module_that_a_readme_of_a_package_names_is_in_the_tree() -> None:
    named = re.compile(r"`((?:\w+/)*\w+\.(?:py|c))`")
    modules = [f"/{path.relative_to(_ROOT)}" for path in _tracked("*.py", "*.c")]
    wrong = []
    for folder in ("judge_api", "judge_core", "workers", "sandbox", "gavel_client", "benchmarks"):
        page = _ROOT / folder / "README.md"
        for file in named.findall(page.read_text("utf-8")):
            places = [path for path in modules if path.startswith((f"/{folder}/", f"/{file}"))]
            if not any(path.endswith(f"/{file}") for path in places):
                wrong.append(f"{folder}/README.md: {file}")
    assert not wrong, "These pages name modules that do not exist:\n" + "\n".join(wrong)
