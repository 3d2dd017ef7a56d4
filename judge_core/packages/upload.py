"""Checks and unpacks an uploaded zip. The faults that its directory shows are found before a byte is
written."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from judge_core.packages.diagnostics import BrokenPackage, Diagnostics
from judge_core.packages.file_list import FileList, copy_files, is_foreign_path, list_files
from judge_core.packages.package import SLUG, propose_slug

MIB = 1024 * 1024
_LINK_BYTES = 4096
_UTF8_NAME = 0x800
"""The zip's flag for a name in UTF-8. macOS and Info-ZIP write such names without the flag."""
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
)
"""The errors of ``zipfile`` for a damaged zip, and for one that is packed in an unusual way."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The limits of an uploaded package. ``ratio`` limits the unpacked size divided by the packed size. It is
    for zips that unpack to more than ``ratio_from`` bytes."""

    files: int = 20_000
    file_bytes: int = 512 * MIB
    total_bytes: int = 2048 * MIB
    ratio: int = 1000
    ratio_from: int = 64 * MIB


def check_upload(
    source: Path | BinaryIO, limits: UploadLimits | None = None, default_slug: str | None = None
) -> str:
    """The name of the only top folder in a zip. Raises ``BrokenPackage`` with every reason to refuse the zip
    that its directory shows.

    DOMjudge's zips have no top folder. Their slug is ``default_slug``, the name of the zip. Sizes are those
    in the zip's directory, and :func:`unpack` enforces them.
    """
    limits = limits or UploadLimits()
    faults = Diagnostics()
    try:
        with zipfile.ZipFile(source) as archive:
            slug = _check_members(members_of(archive), limits, faults, default_slug)
    except _UNREADABLE as error:
        faults.error("package", f"is not a readable zip: {error}")
    faults.raise_errors()
    return slug


def members_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members of a zip. A name without the flag of UTF-8 that is valid UTF-8 is read as such."""
    members = archive.infolist()
    for member in members:
        if not member.orig_filename.isascii() and not member.flag_bits & _UTF8_NAME:
            try:
                member.filename = member.orig_filename.encode("cp437").decode()
            except UnicodeError:
                continue
    return members


def _has_known_encoding(member: zipfile.ZipInfo) -> bool:
    name = member.orig_filename
    return name.isascii() or bool(member.flag_bits & _UTF8_NAME) or member.filename != name


def _check_members(
    members: list[zipfile.ZipInfo], limits: UploadLimits, faults: Diagnostics, default_slug: str | None
) -> str:
    kept = [member for member in members if not is_foreign_path(member.filename)]
    _check_all(members, kept, limits, faults)
    return (
        _slug_of(default_slug, faults)
        if default_slug and has_no_top_folder(kept)
        else _top_folder(kept, faults)
    )


def _check_all(
    members: list[zipfile.ZipInfo], kept: list[zipfile.ZipInfo], limits: UploadLimits, faults: Diagnostics
) -> None:
    """Report every reason to refuse a zip that can be seen in its directory."""
    if len(members) > limits.files:
        faults.error("package", f"holds {len(members)} files; at most {limits.files} are allowed")
    for member in kept:
        _check_member(member, limits, faults)
    _check_doubles(kept, faults)
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > limits.total_bytes:
        faults.error(
            "package", f"unpacks to {total // MIB} MiB; at most {limits.total_bytes // MIB} are allowed"
        )
    if total > limits.ratio_from and total > limits.ratio * max(packed, 1):
        faults.error("package", f"unpacks to more than {limits.ratio} times its size: refused as a zip bomb")


def _check_member(member: zipfile.ZipInfo, limits: UploadLimits, faults: Diagnostics) -> None:
    name = member.filename
    mode = member.external_attr >> 16
    if not is_safe_path(name):
        faults.error(name, "is not a plain path inside the package")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
        faults.error(name, "is a device, a pipe or a socket: packages hold plain files only")
    if _is_link(member) and member.file_size > _LINK_BYTES:
        faults.error(
            name, f"is a link with a target of {member.file_size} bytes; at most {_LINK_BYTES} are allowed"
        )
    if not _has_known_encoding(member):
        faults.error(name, "has a name of unknown encoding: pack it with UTF-8 names, or rename it")
    if member.flag_bits & 0x1:
        faults.error(name, "is encrypted: pack it without a password")
    if member.file_size > limits.file_bytes:
        faults.error(
            name, f"has {member.file_size // MIB} MiB; at most {limits.file_bytes // MIB} are allowed"
        )
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        faults.error(name, "is packed by a method other than store or deflate: pack it again as a usual zip")


def is_safe_path(name: str) -> bool:
    """Whether a name is a plain path below the package's folder."""
    parts = name.rstrip("/").split("/")
    plain = all(part not in ("", ".", "..") and len(part.encode()) <= 255 for part in parts)
    clean = not any(ord(char) < 32 or char in "\\\x7f" for char in name) and "\ufffd" not in name
    return (
        plain
        and clean
        and not PurePosixPath(name).is_absolute()
        and len(name) <= 1024
        and ":" not in parts[0]
    )


def _check_doubles(members: list[zipfile.ZipInfo], faults: Diagnostics) -> None:
    seen: set[str] = set()
    files = {member.filename for member in members if not member.is_dir()}
    for member in members:
        name = member.filename.rstrip("/")
        if name in seen:
            faults.error(name, "is in the zip twice: keep one")
        seen.add(name)
        for parent in PurePosixPath(name).parents:
            if str(parent) in files:
                faults.error(name, f"is below {parent}, which is a file")


def _top_folder(members: list[zipfile.ZipInfo], faults: Diagnostics) -> str:
    tops = {member.filename.split("/")[0] for member in members}
    if len(tops) != 1 or all("/" not in member.filename for member in members):
        found = ", ".join(sorted(tops)[:5]) or "nothing"
        faults.error(
            "package",
            f"must hold exactly one top folder named like the problem's slug; it holds {found}",
        )
        return ""
    return tops.pop()


def has_no_top_folder(members: list[zipfile.ZipInfo]) -> bool:
    """Whether the package is in the zip itself and not in a folder."""
    return any(member.filename in ("problem.yaml", "domjudge-problem.ini") for member in members)


def _slug_of(slug: str, faults: Diagnostics) -> str:
    if not SLUG.fullmatch(slug):
        faults.error(
            slug, f"cannot be a slug: use letters, digits, - and _. Give a name, such as {propose_slug(slug)}"
        )
    return slug


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def unpack(
    source: Path | BinaryIO,
    target: Path,
    limits: UploadLimits | None = None,
    default_slug: str | None = None,
    faults: Diagnostics | None = None,
) -> Path:
    """Unpack a zip after :func:`check_upload` into ``target`` and return its top folder.

    The result has only plain files: links are replaced by copies of the files in the package to which they
    lead. A member that is longer than the zip's directory says is a fault. ``faults`` gets a warning about
    files that are left out.
    """
    slug = check_upload(source, limits, default_slug)
    with zipfile.ZipFile(source) as archive:
        members = [member for member in members_of(archive) if not is_foreign_path(member.filename)]
        place = target / slug if default_slug and has_no_top_folder(members) else target
        links = _write_members(archive, members, place)
        if faults is not None:
            left_out = sorted({each.filename for each in archive.infolist()} - {m.filename for m in members})
            FileList((), tuple(left_out)).warn(faults)
    if links:
        _replace_links(target / slug)
    return target / slug


def unpack_members(source: Path, target: Path, limits: UploadLimits | None = None) -> None:
    """Unpack a zip of another format within the same limits. It may have several top folders."""
    limits, faults = limits or UploadLimits(), Diagnostics()
    target.mkdir(parents=True)
    try:
        with zipfile.ZipFile(source) as archive:
            members = [member for member in members_of(archive) if not is_foreign_path(member.filename)]
            _check_all(archive.infolist(), members, limits, faults)
            faults.raise_errors()
            links = _write_members(archive, members, target)
    except _UNREADABLE as error:
        faults.error(source.name, f"is not a readable zip: {error}")
    faults.raise_errors()
    if links:
        _replace_links(target)


def _write_members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], place: Path) -> bool:
    """Write all files first and then the links, so that no file is written through a link. Returns whether
    there are links."""
    links = [member for member in members if _is_link(member)]
    for member in members:
        if not _is_link(member):
            _write(archive, member, place / member.filename)
    for member in links:
        _write_link(archive, member, place / member.filename)
    return bool(links)


def _write_link(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed:
            path.symlink_to(packed.read(_LINK_BYTES + 1).decode())
    except _UNREADABLE as error:
        faults = Diagnostics()
        faults.error(member.filename, f"is a link that cannot be made: {error}")
        raise BrokenPackage(faults.errors) from error


def _replace_links(folder: Path) -> None:
    """Replace links by copies of the files to which they lead. A link out of the package or to a missing file
    is a fault."""
    faults = Diagnostics()
    files = list_files(folder, faults)
    faults.raise_errors()
    linked = folder.with_name(f".{folder.name}.linked")
    folder.rename(linked)
    files = list_files(linked, faults)
    copy_files(files, folder)
    shutil.rmtree(linked)


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    try:
        if member.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        else:
            _write_file(archive, member, path)
    except _UNREADABLE as error:
        faults = Diagnostics()
        faults.error(member.filename, f"cannot be unpacked: {error}")
        raise BrokenPackage(faults.errors) from error


def _write_file(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with archive.open(member) as packed, path.open("xb") as out:
        while chunk := packed.read(min(MIB, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile("longer than the zip's directory says")
            out.write(chunk)
    if (member.external_attr >> 16) & 0o111:
        path.chmod(0o755)
