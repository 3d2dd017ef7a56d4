"""`make release` makes a release if all its checks pass. If not, it refuses with the reason. The tests use a
temporary clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_api.store.migrate import release_revisions
from releasing.release import VERSIONS, Tree, join_categories

ROOT = Path(__file__).parents[2]
VERSION = "7.1.0"
NEW, OLD = "- A new thing.\n- Another,\n  in two lines.\n", "## 7.0.0 (2026-01-02)\n\n- Old.\n"
CHANGELOG = f"# Changelog\n\n## Unreleased\n\n{NEW}\n{OLD}"


def git(folder: Path, *words: str) -> str:
    identity = {f"GIT_{role}_{key}": "a@b" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": "/dev/null"}
    return subprocess.run(
        ["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(clone: Path, name: str, text: str) -> None:
    (clone / name).write_text(text)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", f"Change {name}")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose last release is 7.0.0 and whose next release is 7.1.0."""
    origin = tmp_path_factory.mktemp("origin")
    (origin / "deploy").mkdir()
    (origin / "judge_api/store/migrations/versions").mkdir(parents=True)
    for name in ("0001_first.py", "0023_second.py", "releases.txt"):
        place = "" if name.endswith(".txt") else "versions/"
        (origin / f"judge_api/store/migrations/{place}{name}").write_text("# 7.0.0 0001\n")
    (origin / "gavel_client").mkdir()
    git(origin, "init", "--quiet", "--initial-branch=main")
    shutil.copytree(ROOT / "releasing", origin / "releasing", ignore=shutil.ignore_patterns("__pycache__"))
    (origin / ".gitignore").write_text("__pycache__/\n")
    for name in VERSIONS:
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, origin / name)
    Tree(origin).set_version(VERSION)
    commit(origin, "CHANGELOG.md", CHANGELOG)
    first = git(origin, "rev-parse", "HEAD")
    git(origin, "tag", "-a", "-m", "x", "v7.0.0")
    commit(origin, "deploy/releases.txt", f"# Releases.\n7.0.0 {first}\n")
    return origin


@pytest.fixture
def clone(origin: Path, tmp_path: Path) -> Path:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    git(tmp_path, "clone", "--quiet", *identity, str(origin), "clone")
    return tmp_path / "clone"


def run(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "releasing.release", *words]
    # The git settings of this machine are ignored, so that a test can leave out the maintainer's name.
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


def state(clone: Path) -> tuple[str, str, str]:
    return git(clone, "rev-parse", "HEAD"), git(clone, "tag"), git(clone, "status", "--porcelain")


def test_a_release_gets_a_changelog_section_a_tag_and_a_recorded_commit(clone: Path) -> None:
    done = run(clone)
    assert done.returncode == 0, done.stderr
    text = (clone / "CHANGELOG.md").read_text()
    assert text.startswith("# Changelog\n\n## Unreleased\n\n## 7.1.0 (20")
    assert text.endswith(
        ")\n\n- A new thing.\n- Another,\n  in two lines.\n\n## 7.0.0 (2026-01-02)\n\n- Old.\n"
    )
    tagged = git(clone, "rev-parse", "v7.1.0^{commit}")
    assert (clone / "deploy/releases.txt").read_text().splitlines()[-1] == f"7.1.0 {tagged}"
    revisions = (clone / "judge_api/store/migrations/releases.txt").read_text()
    assert revisions.splitlines()[-1] == "7.1.0 0023"
    assert git(clone, "status", "--porcelain") == ""
    git(clone, "checkout", "--quiet", "v7.1.0")
    assert run(clone, "--check-tag").returncode == 0


def test_a_dry_run_of_a_release_changes_nothing(clone: Path) -> None:
    before = state(clone)
    done = run(clone, "--dry-run")
    assert "2 entries under Unreleased would become those of 7.1.0" in done.stdout
    assert state(clone) == before


def test_a_prepared_release_gets_later_changelog_lines_and_the_next_call_tags_the_release(
    clone: Path,
) -> None:
    assert "is prepared" in run(clone, "--no-tag").stdout
    assert git(clone, "tag") == "v7.0.0"
    text = (clone / "CHANGELOG.md").read_text()
    commit(clone, "CHANGELOG.md", text.replace("## Unreleased\n", "## Unreleased\n\n- Later.\n"))
    assert run(clone).returncode == 0
    assert "  in two lines.\n- Later.\n" in (clone / "CHANGELOG.md").read_text()
    assert git(clone, "tag").split() == ["v7.0.0", "v7.1.0"]


def test_joined_changelog_lines_stay_in_their_categories() -> None:
    earlier, later = "### Added\n\n- A.\n\n### Fixed\n\n- F.", "### Fixed\n\n- G.\n\n### Security\n\n- S."
    joined = "### Added\n\n- A.\n\n### Fixed\n\n- F.\n- G.\n\n### Security\n\n- S."
    assert join_categories(earlier, later) == joined
    assert join_categories("", earlier) == earlier


CATEGORIES = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def test_the_sections_of_the_changelog_have_known_categories_and_no_repeated_line() -> None:
    log = Tree(ROOT).changelog()
    assert next(iter(log.headings)) == "Unreleased"
    for version, text in log.sections.items():
        headings = [line[4:] for line in text.splitlines() if line.startswith("### ")]
        assert len(headings) == len(set(headings)), f"{version} lists a category twice"
        assert set(headings) <= set(CATEGORIES), version
        odd = [line for line in text.splitlines() if line and not line.startswith(("- ", "  ", "### "))]
        assert odd == [] or version == "0.2.0", version  # only 0.2.0 has a further sentence, about its commit
        lines = [line for line in text.splitlines() if line.startswith("- ")]
        assert len(lines) == len(set(lines)), f"{version} lists a change twice"


def test_a_version_cannot_be_released_a_second_time(clone: Path) -> None:
    assert run(clone).returncode == 0
    before = state(clone)
    again = run(clone)
    assert again.returncode == 1
    assert "7.1.0 is released already" in again.stderr
    assert state(clone) == before


Break = Callable[[Path], object]
REFUSED: dict[str, tuple[Break, str]] = {
    "the client has another version": (
        lambda clone: commit(clone, "gavel_client/pyproject.toml", 'version = "7.0.0"\n'),
        "gavel_client/pyproject.toml says 7.0.0, the release is 7.1.0",
    ),
    "an image has another version": (
        lambda clone: commit(clone, "deploy/Dockerfile.api", "ARG VERSION=7.0.9\n"),
        "deploy/Dockerfile.api says 7.0.9, the release is 7.1.0",
    ),
    "Kubernetes would pull another version": (
        lambda clone: commit(clone, "deploy/kubernetes/server/kustomization.yaml", "    newTag: 7.0.9\n"),
        "deploy/kubernetes/server/kustomization.yaml says 7.0.9, the release is 7.1.0",
    ),
    "nothing is under Unreleased": (
        lambda clone: commit(
            clone, "CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 7.0.0 (x)\n\n- Old.\n"
        ),
        "CHANGELOG.md has no line under Unreleased",
    ),
    "there is no Unreleased": (
        lambda clone: commit(clone, "CHANGELOG.md", "# Changelog\n\n## 7.0.0 (x)\n\n- Old.\n"),
        "CHANGELOG.md has no section Unreleased",
    ),
    "a release has no section": (
        lambda clone: commit(clone, "CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- New.\n"),
        "deploy/releases.txt names 7.0.0, CHANGELOG.md has no section of it",
    ),
    "the tag is there": (lambda clone: git(clone, "tag", "v7.1.0"), "The tag v7.1.0 exists"),
    "a tag is elsewhere": (
        lambda clone: git(clone, "tag", "--force", "v7.0.0", "HEAD"),
        "The tag v7.0.0 is at",
    ),
    "the last release is newer": (
        lambda clone: commit(clone, "deploy/releases.txt", f"7.0.0 {'a' * 40}\n8.0.0 {'b' * 40}\n"),
        "7.1.0 is older than the last release, 8.0.0",
    ),
    "the client for JavaScript has another version": (
        lambda clone: commit(clone, "clients/js/package.json", '  "version": "7.0.9",\n'),
        "clients/js/package.json says 7.0.9, the release is 7.1.0",
    ),
    "a command of the docs names another version": (
        lambda clone: commit(clone, "docs/how-to/run-on-kubernetes.md", "newTag: 7.0.9 }\n"),
        "docs/how-to/run-on-kubernetes.md says 7.0.9, the release is 7.1.0",
    ),
    "no branch is checked out": (
        lambda clone: git(clone, "checkout", "--quiet", "--detach"),
        "No branch is checked out",
    ),
    "git does not know the maintainer": (
        lambda clone: [git(clone, "config", "--unset", f"user.{key}") for key in ("name", "email")],
        "git does not know who makes the tag",
    ),
    "a change is not committed": (
        lambda clone: (clone / "new").write_text(""),
        "The tree has changes that are not committed",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_release_that_cannot_be_made_is_refused_and_changes_nothing(clone: Path, case: str) -> None:
    spoil, words = REFUSED[case]
    spoil(clone)
    before = state(clone)
    done = run(clone)
    assert done.returncode == 1
    assert words in done.stderr
    assert state(clone) == before


def test_make_release_refuses_a_word_that_is_not_a_version(clone: Path) -> None:
    assert "is not a version" in run(clone, "--version", "next").stderr


def test_the_tag_check_fails_for_a_version_without_a_tag(clone: Path) -> None:
    done = run(clone, "--check-tag")
    assert done.returncode == 1
    assert "v7.1.0 does not exist: `make release` makes it" in done.stderr


def test_the_tag_check_fails_for_the_commit_after_the_tag_and_names_the_tag(clone: Path) -> None:
    assert run(clone).returncode == 0
    done = run(clone, "--check-tag")
    assert done.returncode == 1
    assert done.stderr.endswith(": git checkout v7.1.0.\n")


def test_after_a_release_the_next_version_is_set_in_all_files_by_one_command(clone: Path) -> None:
    assert run(clone).returncode == 0
    assert run(clone, "--set-version", "--version", "next").returncode == 1
    assert git(clone, "status", "--porcelain") == ""
    assert run(clone, "--set-version", "--version", "7.2.0").returncode == 0
    assert set(Tree(clone).versions().values()) == {"7.2.0"}
    assert len(git(clone, "diff", "--name-only").split()) == len(VERSIONS)
    commit(
        clone,
        "CHANGELOG.md",
        (clone / "CHANGELOG.md").read_text().replace("## Unreleased\n", "## Unreleased\n\n- N.\n"),
    )
    assert run(clone, "--dry-run").returncode == 0


def test_all_files_of_this_tree_state_the_same_version() -> None:
    assert len(set(Tree(ROOT).versions().values())) == 1


def test_the_schema_of_each_release_is_recorded_in_the_order_of_the_releases() -> None:
    revisions = release_revisions()
    assert list(revisions) == list(Tree(ROOT).releases())
    assert list(revisions.values()) == sorted(revisions.values())
    assert max(revisions.values()) <= Tree(ROOT).schema_revision()
