"""Programs in the example language of docs/how-to/add-a-language.md are judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from judge_core.languages import load_languages, use_own_languages
from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture


@pytest.fixture
def awk_folder(tmp_path: Path) -> Iterator[Path]:
    page = Path("docs/how-to/add-a-language.md").read_text("utf-8")
    [example] = re.findall(r"```toml\n(id.*?)```", page, re.DOTALL)
    (tmp_path / "awk.toml").write_text(example)
    yield tmp_path
    use_own_languages(None)


def test_the_example_language_of_the_docs_judges_a_program(
    judging: JudgeFixture, package: Callable[[dict[str, str]], Path], awk_folder: Path
) -> None:
    use_own_languages(awk_folder)
    language = load_languages()["awk"]
    offer = judging.judge.toolchains.offer(judging.sandbox, [language])["awk"]
    assert offer.available, offer.reason
    test = language.self_test
    folder = package({"data/secret/1.in": test.stdin, "data/secret/1.ans": test.stdout})
    assert judging.submit(folder, test.source, "awk").verdict is Verdict.AC
