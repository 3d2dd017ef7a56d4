"""Comments, docstrings, messages and pages use no words of a private language."""

import re
import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_WORDS = re.compile(
    r"\b(whoever|by halves|hatch|turnstile|what is ours)\b|(\"\"\"|/\*\*\s*|^\s+\*\s)(What|Whose|Who)\b",
    re.IGNORECASE,
)
_SUFFIXES = {".py", ".md", ".c", ".h", ".ts", ".tsx", ".sh", ".toml", ".yml"}
_OTHERS_TEXTS = ("tests/golden/foreign/", "tests/corpus/", "tests/hostile/programs/", "problems/")
_THIS = "tests/architecture/test_plain_words.py"


def test_no_file_uses_words_of_a_private_language() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=_ROOT, capture_output=True, check=True, text=True
    ).stdout
    found = []
    for name in tracked.splitlines():
        path = _ROOT / name
        if (
            path.suffix not in _SUFFIXES
            or name.startswith(_OTHERS_TEXTS)
            or name == _THIS
            or not path.is_file()
        ):
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if match := _WORDS.search(line):
                found.append(f"{name}:{number}: {match[0]}")
    assert not found, "Write these sentences in plain English:\n" + "\n".join(found)
