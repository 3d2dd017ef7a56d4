"""`make release`: turns Unreleased into a version's section, tags it, and records its commit and schema.

Version, changelog, tags and ``deploy/releases.txt`` are checked against each other first. If they disagree,
every disagreement is printed and nothing is changed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PYPROJECTS = ("pyproject.toml", "gavel_client/pyproject.toml")
_KUSTOMIZATIONS = ("server", "workers", "components/bucket")
VERSIONS = {
    **dict.fromkeys(PYPROJECTS, r'^version = "(.*)"$'),
    "clients/js/package.json": r'^  "version": "(.*)",$',
    **{f"deploy/Dockerfile.{name}": r"^ARG VERSION=(\S*)$" for name in ("api", "worker")},
    **{f"deploy/kubernetes/{name}/kustomization.yaml": r"^ +newTag: (\S*)$" for name in _KUSTOMIZATIONS},
    "docs/how-to/put-it-on-the-internet.md": r"GAVEL_VERSION=(\d+\.\d+\.\d+)",
    "docs/how-to/run-on-kubernetes.md": r"newTag: (\d+\.\d+\.\d+)",
    "docs/how-to/make-a-release.md": r"gavel-api:(\d+\.\d+\.\d+)",
}
"""The files that state the version, each with a pattern of the place. The commands of docs are among them,
since people copy them."""
CHANGELOG, RELEASES = "CHANGELOG.md", "deploy/releases.txt"
MIGRATIONS = "judge_api/store/migrations"
REVISIONS = f"{MIGRATIONS}/releases.txt"
UNRELEASED = "Unreleased"
_HEADING = re.compile(r"^## (\S+).*$", re.MULTILINE)
_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True)
class Changelog:
    """``CHANGELOG.md``: the text above its sections, and each section's heading and lines by its version."""

    top: str
    headings: dict[str, str]
    sections: dict[str, str]

    def with_release(self, version: str, day: str) -> str:
        """The text in which Unreleased is empty and its lines belong to the version."""
        lines = join_categories(self.sections.get(version, ""), self.sections[UNRELEASED])
        heading = self.headings.get(version, f"## {version} ({day})")
        rest = [name for name in self.headings if name not in (UNRELEASED, version)]
        parts = [f"## {UNRELEASED}", f"{heading}\n\n{lines}"]
        return (
            self.top + "\n\n".join(parts + [f"{self.headings[n]}\n\n{self.sections[n]}" for n in rest]) + "\n"
        )


def join_categories(earlier: str, later: str) -> str:
    """The lines of both texts, joined by category (``### Added``). Lines may have no category."""
    blocks: dict[str, list[str]] = {}
    for text in (earlier, later):
        category = ""
        for line in filter(None, text.splitlines()):
            if line.startswith("### "):
                category = line
            else:
                blocks.setdefault(category, []).append(line)
    return "\n\n".join("\n".join([f"{name}\n", *lines] if name else lines) for name, lines in blocks.items())


def parse_changelog(text: str) -> Changelog:
    found = list(_HEADING.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return Changelog(
        text[: found[0].start()] if found else text,
        {match[1]: match[0] for match in found},
        {match[1]: text[match.end() : end].strip() for match, end in zip(found, ends, strict=True)},
    )


def parse_releases(text: str) -> dict[str, str]:
    """The commit of each release by its version, oldest first."""
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class Tree:
    """A checkout of the repository."""

    root: Path

    def git(self, *words: str) -> str:
        done = self._run_git(*words)
        if done.returncode:
            raise SystemExit(f"git {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def git_can(self, *words: str) -> bool:
        return self._run_git(*words).returncode == 0

    def _run_git(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *words], cwd=self.root, capture_output=True, text=True, check=False)

    def versions(self) -> dict[str, str]:
        """The versions that each file of ``VERSIONS`` states: one, several, or none."""
        found = {
            name: re.findall(pattern, self.read(name), re.MULTILINE) for name, pattern in VERSIONS.items()
        }
        return {name: ", ".join(sorted(set(stated))) for name, stated in found.items()}

    def set_version(self, version: str) -> None:
        """Write the version into each file of ``VERSIONS``."""
        for name, pattern in VERSIONS.items():
            text = re.sub(
                pattern,
                lambda found: found[0].replace(found[1], version),
                self.read(name),
                flags=re.MULTILINE,
            )
            (self.root / name).write_text(text)

    def tags(self) -> dict[str, str]:
        """The commit of each version's tag in this clone."""
        rows = self.git(
            "for-each-ref", "--format=%(refname:short) %(*objectname) %(objectname)", "refs/tags/v*"
        )
        return {words[0][1:]: words[1] for words in map(str.split, rows.splitlines())}

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def schema_revision(self) -> str:
        """The newest revision of the tables: the migrations' files begin with their numbers."""
        return max(path.name for path in (self.root / MIGRATIONS / "versions").glob("[0-9]*.py"))[:4]

    def changelog(self) -> Changelog:
        return parse_changelog(self.read(CHANGELOG))

    def releases(self) -> dict[str, str]:
        return parse_releases(self.read(RELEASES))


def disagreements(tree: Tree, version: str) -> Iterator[str]:
    """Every reason why this version cannot be released from this tree."""
    if not _VERSION.fullmatch(version):
        yield f"{version} is not a version: write three numbers, such as 0.3.0."
        return
    if tree.git("status", "--porcelain"):
        yield "The tree has changes that are not committed: commit or revert them."
    if not tree.git_can("symbolic-ref", "--quiet", "HEAD"):
        yield "No branch is checked out, so the commits of the release would be lost: git checkout main."
    if not tree.git_can("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"):
        yield "git does not know who makes the tag: git config user.name and user.email."
    yield from _wrong_versions(tree, version)
    yield from _wrong_history(tree, version)
    changelog = tree.changelog()
    if UNRELEASED not in changelog.headings:
        yield f"{CHANGELOG} has no section {UNRELEASED}: add one at the top."
    elif not changelog.sections[UNRELEASED] and not changelog.sections.get(version):
        yield f"{CHANGELOG} has no line under {UNRELEASED}: there is nothing to release as {version}."


def _wrong_versions(tree: Tree, version: str) -> Iterator[str]:
    for name, stated in tree.versions().items():
        if stated != version:
            yield f"{name} says {stated}, the release is {version}: set it there, or release {stated}."


def _wrong_history(tree: Tree, version: str) -> Iterator[str]:
    releases, tags, sections = tree.releases(), tree.tags(), tree.changelog().sections
    if version in releases:
        yield f"{version} is released already: {RELEASES} names its commit. Set the next version first."
    elif version in tags:
        yield f"The tag v{version} exists and {RELEASES} does not name it: delete it, or record it there."
    for known, commit in releases.items():
        if known in tags and tags[known] != commit:
            yield f"The tag v{known} is at {tags[known][:12]}, {RELEASES} says {commit[:12]}."
        if known not in sections:
            yield f"{RELEASES} names {known}, {CHANGELOG} has no section of it."
    if releases and _numbers(version) < _numbers(last := list(releases)[-1]):
        yield f"{version} is older than the last release, {last}."


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def tag_disagreements(tree: Tree) -> Iterator[str]:
    """The reasons why this commit is not a tagged release. A workflow that a tag starts asks for them."""
    version = tree.versions()[PYPROJECTS[0]]
    here = tree.git("rev-parse", "HEAD")
    tagged = [name for name, commit in tree.tags().items() if commit == here]
    if tagged != [version]:
        found = ", ".join(f"v{name}" for name in tagged) or "no tag"
        elsewhere = tree.tags().get(version)
        fix = f"git checkout v{version}" if elsewhere else "`make release` makes it"
        where = f" is at {elsewhere[:12]}" if elsewhere else " does not exist"
        yield f"This commit has {found}. {PYPROJECTS[0]} says {version}, and v{version}{where}: {fix}."
    yield from _wrong_versions(tree, version)
    if not tree.changelog().sections.get(version):
        yield f"{CHANGELOG} has no lines for {version}."


def release(tree: Tree, version: str, with_tag: bool) -> Iterator[str]:
    """Make the release. Yields a line for each act."""
    text = tree.changelog().with_release(version, datetime.now(UTC).date().isoformat())
    if text != tree.read(CHANGELOG):
        (tree.root / CHANGELOG).write_text(text)
        tree.git("commit", "--quiet", "-m", f"Release {version}", CHANGELOG)
        yield f"{CHANGELOG}: the lines under {UNRELEASED} are those of {version} now (committed)."
    if not with_tag:
        yield f"{version} is prepared. `make release` tags it."
        return
    commit = tree.git("rev-parse", "HEAD")
    tree.git("tag", "--annotate", "-m", f"Gavel {version}", f"v{version}")
    yield f"The tag v{version} is at {commit[:12]}."
    _append(tree, RELEASES, f"{version} {commit}")
    _append(tree, REVISIONS, f"{version} {tree.schema_revision()}")
    tree.git("commit", "--quiet", "-m", f"Record the commit of {version}", RELEASES, REVISIONS)
    yield f"{RELEASES} names that commit, {REVISIONS} its schema (committed)."
    yield f"Push both: git push origin HEAD v{version}"
    yield f"Build its files: git checkout v{version} && make release-check dist; then git checkout -."
    yield "Then set the next version: make next-version VERSION=..., and commit."


def _append(tree: Tree, name: str, row: str) -> None:
    with (tree.root / name).open("a") as file:
        file.write(f"{row}\n")


def plan(tree: Tree, version: str, with_tag: bool) -> Iterator[str]:
    """The acts of `release`, without doing them."""
    lines = [line for line in tree.changelog().sections[UNRELEASED].splitlines() if line.startswith("- ")]
    yield f"{CHANGELOG}: {len(lines)} entries under {UNRELEASED} would become those of {version}."
    if with_tag:
        yield f"A tag v{version} would be made, and {RELEASES} would name its commit."
    yield "Nothing was changed (dry run)."


def _set_version(tree: Tree, version: str) -> int:
    if not _VERSION.fullmatch(version):
        print(f"{version or 'VERSION'} is not a version: write three numbers.", file=sys.stderr)
        return 1
    tree.set_version(version)
    print(f"{len(VERSIONS)} files state {version} now: look at `git diff`, and commit.")
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m releasing.release", description=__doc__)
    parser.add_argument("--version", default="", help="the version; that of pyproject.toml if left out")
    parser.add_argument("--dry-run", action="store_true", help="check and print, change nothing")
    parser.add_argument("--no-tag", action="store_true", help="write the changelog section only")
    parser.add_argument(
        "--check-tag", action="store_true", help="check the tag of this commit, change nothing"
    )
    parser.add_argument("--set-version", action="store_true", help="write --version where it is stated")
    given = parser.parse_args(arguments)
    tree = Tree(Path.cwd())
    if given.set_version:
        return _set_version(tree, given.version)
    version = given.version or tree.versions()[PYPROJECTS[0]]
    wrong = list(tag_disagreements(tree) if given.check_tag else disagreements(tree, version))
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong or given.check_tag:
        return 1 if wrong else 0
    steps = plan if given.dry_run else release
    for line in steps(tree, version, not given.no_tag):
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
