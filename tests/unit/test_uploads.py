"""Zips that must not be unpacked are refused with the reason."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from judge_api.services.program_archive import read_program_archive
from judge_core.packages import BrokenPackage, check_upload
from judge_core.packages.upload import UploadLimits, unpack


def zip_of(*members: tuple[str | zipfile.ZipInfo, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out


def special(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    return info


YAML = ("p/problem.yaml", b"name: X\n")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("/etc/cron.d/x", b"")], "not a plain path"),
        ([("p/../../x", b"")], "not a plain path"),
        ([("p/a\\b", b"")], "not a plain path"),
        ([("C:/x", b"")], "not a plain path"),
        ([(special("p/link", stat.S_IFLNK), b"/" * 5000)], "is a link with a target of 5000 bytes"),
        ([(special("p/pipe", stat.S_IFIFO), b"")], "is a device, a pipe or a socket"),
        ([("p/big", b"x" * 3000)], "MiB; at most"),
        ([("p/a", b"x" * 1500), ("p/b", b"x" * 1500)], "unpacks to"),
        ([("p/a/b", b""), ("p/a", b"")], "which is a file"),
        ([("q/x", b"")], "exactly one top folder"),
        ([("loose.txt", b"")], "exactly one top folder"),
        ([(f"p/{i}x", b"") for i in range(20)], "holds 21 files"),
    ],
)
def test_a_zip_with_a_forbidden_member_is_refused_with_the_reason(
    members: list[tuple[str | zipfile.ZipInfo, bytes]], reason: str
) -> None:
    limits = UploadLimits(files=10, file_bytes=2000, total_bytes=2500)
    with pytest.raises(BrokenPackage, match=reason):
        check_upload(zip_of(YAML, *members), limits)


def test_a_zip_bomb_is_refused_by_its_ratio() -> None:
    bomb = zip_of(YAML, ("p/zeros", b"\0" * 4_000_000))
    with pytest.raises(BrokenPackage, match="zip bomb"):
        check_upload(bomb, UploadLimits(ratio=100, ratio_from=1_000_000))


def test_a_zip_member_longer_than_its_declared_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_of(YAML, ("p/liar", b"\0" * 100_000)).getvalue())
    content = content.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(BrokenPackage, match=r"p/liar: cannot be unpacked"):
        unpack(io.BytesIO(bytes(content)), tmp_path)


def test_a_zip_member_with_a_declared_size_of_2_gb_is_refused_before_unpacking() -> None:
    content = zip_of(YAML, ("p/big", b"\0" * 100_000)).getvalue()
    huge = content.replace((100_000).to_bytes(4, "little"), (2 << 30).to_bytes(4, "little"))
    with pytest.raises(BrokenPackage, match="p/big: has 2048 MiB; at most 512"):
        check_upload(io.BytesIO(huge))


def with_flags(archive: io.BytesIO, flags: int) -> io.BytesIO:
    """The same zip, but with other flags for the last member in its directory."""
    content = bytearray(archive.getvalue())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 8 : entry + 10] = flags.to_bytes(2, "little")
    return io.BytesIO(bytes(content))


def test_an_encrypted_member_is_refused() -> None:
    with pytest.raises(BrokenPackage, match="p/secret: is encrypted"):
        check_upload(with_flags(zip_of(YAML, ("p/secret", b"x")), 0x1))


def test_a_zip_member_s_name_in_utf8_is_accepted_and_an_unknown_encoding_is_refused() -> None:
    good = zip_of(YAML, ("p/attachments/größe.txt", b"x"))
    assert check_upload(good) == "p"
    odd = good.getvalue().replace("größe".encode(), "größe".encode("cp437") + b"12")
    with pytest.raises(BrokenPackage, match="a name of unknown encoding: pack it with UTF-8 names"):
        check_upload(with_flags(io.BytesIO(odd), 0))


def with_all_flags(archive: io.BytesIO, flags: int) -> io.BytesIO:
    """The same zip with other flags for its last member, in the directory and before its content."""
    content = bytearray(with_flags(archive, flags).getvalue())
    entry = content.rindex(b"PK\x03\x04")
    content[entry + 6 : entry + 8] = flags.to_bytes(2, "little")
    return io.BytesIO(bytes(content))


def test_the_names_of_a_package_zipped_by_macos_are_read_as_utf8(tmp_path: Path) -> None:
    packed = with_all_flags(zip_of(YAML, ("p/attachments/größe.txt", b"x")), 0)
    assert (unpack(packed, tmp_path) / "attachments/größe.txt").read_bytes() == b"x"


def test_the_names_of_a_program_zipped_by_macos_are_read_as_utf8() -> None:
    packed = with_all_flags(zip_of(("p/main.py", b""), ("p/größe.txt", b"x")), 0)
    assert [file.name for file in read_program_archive(packed.getvalue())] == ["main.py", "größe.txt"]


@pytest.mark.parametrize("place", [slice(0, 1), slice(10, 30)])
def test_a_damaged_zip_is_refused_with_the_file_that_is_damaged(tmp_path: Path, place: slice) -> None:
    """The compressed content of one file has other bytes."""
    packed = bytearray(zip_of(YAML, ("p/data/secret/1.in", bytes(range(256)) * 40)).getvalue())
    start = packed.index(b"p/data/secret/1.in") + len(b"p/data/secret/1.in")
    damaged = packed[start:]
    damaged[place] = b"\xff" * len(damaged[place])
    with pytest.raises(BrokenPackage, match=r"p/data/secret/1\.in: cannot be unpacked"):
        unpack(io.BytesIO(bytes(packed[:start] + damaged)), tmp_path)


@pytest.mark.parametrize("flags", [0x40, 0x20], ids=["strong encryption", "patched data"])
def test_a_zip_member_packed_in_an_unusual_way_is_refused(tmp_path: Path, flags: int) -> None:
    with pytest.raises(BrokenPackage, match="p/odd: cannot be unpacked"):
        unpack(with_all_flags(zip_of(YAML, ("p/odd", b"x")), flags), tmp_path)


def test_a_zip_with_a_path_that_is_too_long_for_this_host_is_refused(tmp_path: Path) -> None:
    deep = "p/" + "/".join(["ö" * 120] * 8)
    with pytest.raises(BrokenPackage, match="cannot be unpacked"):
        unpack(zip_of(YAML, (deep, b"x")), tmp_path / "/".join(["d" * 250] * 10))


def test_a_zip_member_s_name_that_is_declared_as_utf8_and_is_not_utf8_is_refused() -> None:
    content = zip_of(YAML, ("p/ö", b"x")).getvalue().replace("ö".encode(), b"\xff\xfe")
    with pytest.raises(BrokenPackage, match="utf-8"):
        check_upload(io.BytesIO(content))


def test_a_file_that_is_not_a_zip_is_refused() -> None:
    with pytest.raises(BrokenPackage, match="not a readable zip"):
        check_upload(io.BytesIO(b"hello"))


def test_all_faults_of_a_zip_are_reported_together() -> None:
    with pytest.raises(BrokenPackage) as caught:
        check_upload(zip_of(YAML, ("p/../x", b""), (special("p/pipe", stat.S_IFIFO), b"x")))
    assert len(caught.value.faults) == 2


def test_the_top_folder_of_a_valid_zip_is_the_slug_and_the_files_are_unpacked(tmp_path: Path) -> None:
    good = zip_of(YAML, ("p/data/secret/1.in", b"1\n"), ("__MACOSX/p/._x", b""))
    assert check_upload(good) == "p"
    assert (unpack(good, tmp_path) / "data/secret/1.in").read_bytes() == b"1\n"


def test_the_slug_of_a_zip_without_a_top_folder_is_the_given_name(tmp_path: Path) -> None:
    flat = zip_of(("domjudge-problem.ini", b"timelimit=1\n"), ("data/secret/1.in", b""))
    assert check_upload(flat, default_slug="boolfind") == "boolfind"
    assert (unpack(flat, tmp_path, default_slug="boolfind") / "data/secret/1.in").is_file()
    with pytest.raises(BrokenPackage, match="exactly one top folder"):
        check_upload(flat)
    with pytest.raises(BrokenPackage, match="cannot be a slug"):
        check_upload(flat, default_slug="bool find")
    assert check_upload(zip_of(YAML), default_slug="other") == "p"
