"""Reader, packer and hash of a package use the same list of files. Links are followed, or refused by name."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.packages import BrokenPackage, PackageStore, StoredPackage
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import list_files, repository_around

APPLE = "\0\5\x16\7"
BASE = {
    "problem.yaml": "name: X\nlimits: {time_limit: 1}\n",
    "data/secret/1.in": "1\n",
    "data/secret/1.ans": "1\n",
}
Make = Callable[..., Path]
Add = Callable[[Path], StoredPackage]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a package with these files and links into a new repository."""

    def write(files: dict[str, str], links: dict[str, str] | None = None) -> Path:
        folder = tmp_path / "repository" / "some"
        (tmp_path / "repository" / ".git").mkdir(parents=True)
        for name, text in {**BASE, **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for name, target in (links or {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
        return folder

    return write


def zipped(folder: Path) -> io.BytesIO:
    """The folder packed as ``zip -y`` does, with links as links and with hidden files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for parent, folders, names in os.walk(folder):
            for name in (*names, *(each for each in folders if (Path(parent) / each).is_symlink())):
                path = Path(parent) / name
                info = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}")
                kind = stat.S_IFLNK if path.is_symlink() else stat.S_IFREG
                info.external_attr = (kind | (path.lstat().st_mode & 0o777)) << 16
                content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
                archive.writestr(info, content)
    out.seek(0)
    return out


@pytest.fixture(params=["folder", "upload"])
def add(request: pytest.FixtureRequest, tmp_path: Path) -> Add:
    """Adds a package to the store, either from a folder or as an upload."""
    store = PackageStore(tmp_path / "store")
    return store.add_folder if request.param == "folder" else lambda folder: store.add_zip(zipped(folder))


def names_in(tmp_path: Path, stored: StoredPackage) -> set[str]:
    with zipfile.ZipFile(tmp_path / "store" / f"{stored.hash}.zip") as archive:
        return {name.split("/", 1)[1] for name in archive.namelist()}


@pytest.mark.parametrize(
    ("files", "links", "name"),
    [
        (
            {"more/g2/2.in": "2", "more/g2/2.ans": "2"},
            {"data/secret/g2": "../../more/g2"},
            "data/secret/g2/2.in",
        ),
        ({"shared/check.py": "x"}, {"output_validators": "shared"}, "output_validators/check.py"),
        (
            {"common.h": "x"},
            {"submissions/accepted/a/common.h": "../../../common.h"},
            "submissions/accepted/a/common.h",
        ),
        ({"one": "x"}, {"two": "one", "three": "two"}, "three"),
    ],
    ids=["tests", "validator", "header", "link-to-a-link"],
)
def test_a_link_inside_the_package_is_followed_and_packed(
    make: Make, add: Add, tmp_path: Path, files: dict[str, str], links: dict[str, str], name: str
) -> None:
    assert name in names_in(tmp_path, add(make(files, links)))


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        ({"data/secret/loop": "loop"}, "data/secret/loop: is a link to loop, which leads back to itself"),
        ({"data/secret/again": "../secret"}, "data/secret/again: is a link to a folder that contains it"),
        ({"data/a": "b", "data/b": "a"}, "data/a: is a link to b, which leads back to itself"),
        (
            {"data/secret/2.in": "../gone/2.in"},
            "data/secret/2.in: is a link to ../gone/2.in, which does not exist",
        ),
        ({"data/secret/2.in": "/etc/passwd"}, "data/secret/2.in: is a link that leads out of the package"),
        ({"include": "/etc"}, "include: is a link that leads out of the package, to /etc"),
        ({"key": "../../.ssh/id"}, "key: is a link"),
    ],
    ids=["itself", "a-ring", "each-other", "nothing", "a-file-outside", "a-folder-outside", "a-secret"],
)
def test_a_link_that_cannot_be_followed_is_named(
    make: Make, add: Add, tmp_path: Path, links: dict[str, str], reason: str
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id").write_text("secret")
    with pytest.raises(BrokenPackage, match=reason):
        add(make({}, links))


@pytest.mark.slow_on("upload")
def test_links_that_multiply_the_files_of_a_package_are_refused_at_a_bound(make: Make, add: Add) -> None:
    links = {f"f{level}/{side}": f"../f{level + 1}" for level in range(30) for side in "ab"}
    with pytest.raises(BrokenPackage, match="more than 20000 files and folders, counted through its links"):
        add(make({"f30/file": "x"}, links))


def test_a_link_to_a_file_of_the_author_s_repository_is_followed_and_packed(
    make: Make, tmp_path: Path
) -> None:
    folder = make(
        {"input_validators/v/v.c": "int main() {}"},
        {"input_validators/v/validate.h": "../../../headers/validate.h"},
    )
    (tmp_path / "repository" / "headers").mkdir()
    (tmp_path / "repository" / "headers" / "validate.h").write_text("// shared")
    stored = PackageStore(tmp_path / "store").add_folder(folder)
    assert "input_validators/v/validate.h" in names_in(tmp_path, stored)
    with pytest.raises(
        BrokenPackage, match=r"leads out of the package, to \.\./\.\./\.\./headers/validate\.h"
    ):
        PackageStore(tmp_path / "store").add_zip(zipped(folder))


@pytest.mark.parametrize("target", ["../.git/config", "../../elsewhere"])
def test_a_link_to_a_hidden_folder_or_beyond_the_repository_is_refused(
    make: Make, tmp_path: Path, target: str
) -> None:
    folder = make({}, {"file": target})
    (tmp_path / "repository" / ".git" / "config").write_text("[remote]")
    (tmp_path / "elsewhere").write_text("x")
    with pytest.raises(BrokenPackage, match="is a link that leads out"):
        PackageStore(tmp_path / "store").add_folder(folder)


def test_without_a_repository_links_may_lead_to_the_folder_above(tmp_path: Path) -> None:
    assert repository_around(tmp_path / "some" / "package") == (tmp_path / "some").resolve()


@pytest.mark.parametrize(
    "foreign",
    [
        "data/secret/._1.in",
        "data/secret/.svn/text-base/1.in",
        "data/secret/__MACOSX/._1.in",
        "data/sample/.hidden.in",
        "data/secret/Thumbs.db",
        "output_validators/.DS_Store",
        "output_validators/desktop.ini",
        "submissions/accepted/a.py~",
        "submissions/accepted/.a.py.swp",
        "submissions/accepted/__pycache__/a.pyc",
        "attachments/~$notes.docx",
        ".git/config",
    ],
)
def test_a_foreign_file_is_left_out_with_a_warning_and_the_hash_stays_the_same(
    make: Make, add: Add, tmp_path: Path, foreign: str
) -> None:
    clean = PackageStore(tmp_path / "store").add_folder(make({}))
    path = tmp_path / "repository" / "some" / foreign
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(APPLE)
    stored = add(tmp_path / "repository" / "some")
    assert (stored.hash, stored.spec.tests_total) == (clean.hash, 1)
    assert any("left out" in str(warning) for warning in stored.warnings)


def test_the_companion_file_of_macos_for_the_package_is_left_out_of_an_upload(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in {**{f"some/{name}": text for name, text in BASE.items()}, "._some": APPLE}.items():
            archive.writestr(name, text)
    assert PackageStore(tmp_path).add_zip(out).slug == "some"


def test_a_pipe_in_a_package_is_a_fault_with_its_name(make: Make) -> None:
    folder = make({})
    os.mkfifo(folder / "data" / "secret" / "2.in")
    faults = Diagnostics()
    list_files(folder, faults)
    assert [str(fault) for fault in faults.errors] == [
        "data/secret/2.in: is a device, a pipe or a socket: packages hold plain files only"
    ]


def test_an_upload_with_files_below_a_link_is_refused_and_writes_nothing_there(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("some/data")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(tmp_path / "outside"))
        archive.writestr("some/data/secret/1.in", "1")
    (tmp_path / "outside").mkdir()
    with pytest.raises(BrokenPackage, match="is below some/data, which is a file"):
        PackageStore(tmp_path / "store").add_zip(out)
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"output_validators": "shared", "shared/check.py": "x = 1\n"}, "output_validators/check.py"),
        ({"include/cpp/a.h": "../../shared/a.h", "shared/a.h": "// a\n"}, "include/cpp/a.h"),
    ],
    ids=["a-folder", "a-file"],
)
def test_a_link_that_git_wrote_as_text_is_read_as_a_link(
    make: Make, add: Add, tmp_path: Path, files: dict[str, str], name: str
) -> None:
    stored = add(make(files))
    assert any("as git writes links on Windows" in str(warning) for warning in stored.warnings)
    with zipfile.ZipFile(tmp_path / "store" / f"{stored.hash}.zip") as archive:
        assert b"shared" not in archive.read(f"some/{name}")


@pytest.mark.parametrize("text", ["../data\n", "print(1)", "../no such", "sum"])
def test_a_short_program_is_not_taken_for_a_link(make: Make, add: Add, tmp_path: Path, text: str) -> None:
    files = {"submissions/accepted/a.py": text, "attachments/path": "../problem.yaml"}
    stored = add(make(files))
    with zipfile.ZipFile(tmp_path / "store" / f"{stored.hash}.zip") as archive:
        assert archive.read("some/submissions/accepted/a.py").decode() == text
        assert archive.read("some/attachments/path") == b"../problem.yaml"
