"""Rules of the code that a program can check: import directions, sizes, entry points."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("judge_api", "judge_core", "gavel_client", "workers", "sandbox")
FOLDERS = (
    "judge_api",
    "judge_core",
    "gavel_client",
    "workers",
    "sandbox",
    "tests",
    "frontend",
    "problems",
    "benchmarks",
    "deploy",
    "docs",
)
MOST_FUNCTION_LINES = 50
ENTRY_POINTS = {
    "judge_api/__main__.py",
    "judge_api/wsgi.py",
    "judge_api/gunicorn_conf.py",
    "judge_api/dispatcher.py",
    "judge_api/settings.py",
    "workers/__main__.py",
    "workers/settings.py",
    "workers/verify/__main__.py",
    "sandbox/__main__.py",
}
ENTRY_FOLDERS = ("judge_api/cli/",)


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_follow_the_contracts_of_import_linter() -> None:
    lint: list[str | Path] = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    ran = subprocess.run(
        lint,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_no_function_is_longer_than_the_limit() -> None:
    """Migrations are exempt, because they are lists of tables, written once and never changed."""
    long = {}
    for path in (each for each in sources() if "migrations" not in each.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_FUNCTION_LINES:
                    long[f"{name_of(path)}:{node.name}"] = lines
    assert not long


def test_only_entry_points_read_the_environment() -> None:
    readers = {
        name_of(path)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if _reads_environment(node)
    }
    assert {name for name in readers - ENTRY_POINTS if not name.startswith(ENTRY_FOLDERS)} == set()


def _reads_environment(node: ast.AST) -> bool:
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    return node.value.id == "os" and node.attr in ("environ", "getenv", "environb")


def test_every_folder_has_a_readme() -> None:
    assert [folder for folder in FOLDERS if not (ROOT / folder / "README.md").is_file()] == []


def test_no_module_has_a_meaningless_name() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}
    assert [name_of(path) for path in sources() if path.stem in empty] == []


MAY_WRITE_NAN = {
    "judge_api/cli": "repeats what another server or program has written",
    "judge_api/compat/jobe/requests.py": "an error quotes the request",
    "judge_core/logging.py": "a line of a log must not fail",
    "judge_core/packages/judging_hash.py": "only its hash is used",
}


def test_no_json_is_written_with_nan() -> None:
    """Other languages cannot read NaN and Infinity."""
    found = [
        f"{path}:{call.lineno}"
        for path, tree in _modules("judge_api", "judge_core")
        if not any(path.startswith(exempt) for exempt in MAY_WRITE_NAN)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _writes_json(call) and not _refuses_nan(call)
    ]
    assert found == [], "pass allow_nan=False"


def test_each_exemption_from_the_rule_about_nan_is_needed() -> None:
    for exempt in MAY_WRITE_NAN:
        trees = [tree for _, tree in _modules("judge_api", "judge_core", prefix=exempt)]
        calls = (call for tree in trees for call in ast.walk(tree) if isinstance(call, ast.Call))
        assert any(_writes_json(call) and not _refuses_nan(call) for call in calls), exempt


def _modules(*folders: str, prefix: str = "") -> Iterator[tuple[str, ast.Module]]:
    """The modules below these folders whose paths begin with ``prefix``."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name.startswith(prefix):
                yield name, ast.parse(path.read_text())


def _writes_json(call: ast.Call) -> bool:
    return ast.unparse(call.func) in {"json.dumps", "json.dump", "json.JSONEncoder"}


def _refuses_nan(call: ast.Call) -> bool:
    return any(
        word.arg == "allow_nan" and isinstance(word.value, ast.Constant) and word.value.value is False
        for word in call.keywords
    )
