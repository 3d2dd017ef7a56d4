"""Every code block of the documentation names its language, so that ``make test-docs`` misses no command."""

import re
from itertools import combinations
from pathlib import Path

from tests.docs.command_blocks import ROOT, Block, pages, read_blocks

_LANGUAGES = {"sh", "python", "text", "toml", "yaml", "json", "c", "cpp", "ini", "http", "tex", "dockerfile"}
_OUTSIDE_FENCES = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _blocks() -> list[Block]:
    return [block for page in pages() for block in read_blocks(page)]


def test_every_code_block_of_the_docs_names_its_language() -> None:
    assert [block.place for block in _blocks() if block.language not in _LANGUAGES] == []


def test_no_page_shows_commands_with_a_prompt() -> None:
    prompts = [block.place for block in _blocks() if re.search(r"^\$ ", block.text, re.MULTILINE)]
    assert prompts == [], "write commands without a prompt into an sh block, and output into a text block"


def test_no_page_has_an_indented_block() -> None:
    def indented(page: Path) -> bool:
        text = _OUTSIDE_FENCES.sub("", page.read_text("utf-8"))
        return re.search(r"\n\n {4,}(?![-*|]|\d+\. |```)\S", text) is not None

    assert [str(page.relative_to(ROOT)) for page in pages() if indented(page)] == []


def test_every_issue_template_has_a_name_and_a_description() -> None:
    """GitHub does not offer a template without these lines at its top."""
    front = re.compile(r"---\nname: .+\nabout: .+\n---\n")
    templates = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.md"))
    assert templates and [path.name for path in templates if not front.match(path.read_text("utf-8"))] == []


def test_no_two_lines_of_a_version_in_the_changelog_are_alike() -> None:
    """A merge of an old and a new wording of the same line can leave both."""

    def are_alike(line: str, other: str) -> bool:
        words, others = set(line.split()), set(other.split())
        return len(words & others) > 0.6 * len(words | others)

    versions = (ROOT / "CHANGELOG.md").read_text("utf-8").split("\n## ")[1:]
    lines = [version.split("\n- ")[1:] for version in versions]
    assert [pair for each in lines for pair in combinations(each, 2) if are_alike(*pair)] == []
