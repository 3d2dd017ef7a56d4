"""The zip of a submission's further files, and the programs of language 89, which are such a zip alone.

The script ``run`` of such a program starts it, after the script ``compile`` if there is one. Both run in the
box of the run, by Bash and within the limits of the run.
"""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Sequence

from judge_core.model.language import Language
from judge_core.model.program_files import MOST_FILES, ProgramFile, ProgramFiles

MULTI_FILE = 89
MULTI_FILE_NAME = "Multi-file program"
COMPILE_FAILED = "gavel: the script compile failed\n"
"""The first line on stderr of a program whose script ``compile`` failed; its output follows."""
COMPILE_FAILED_CODE = 125
_START = "gavel-start.sh"
_SCRIPT = f"""cp -Rn "$(dirname "$0")"/. . && rm -f {_START}
if [ -e compile ] && ! bash compile > /tmp/compile-output 2>&1 < /dev/null; then
    printf '%s' '{COMPILE_FAILED}' >&2
    cat /tmp/compile-output >&2
    exit {COMPILE_FAILED_CODE}
fi
exec bash run
"""
_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


class UnusableArchive(ValueError):
    """The archive cannot be used; the message says why."""


def read_archive(encoded: str, most_bytes: int) -> tuple[ProgramFile, ...]:
    """The files of a zip in base64. Raises ``UnusableArchive``."""
    try:
        content = base64.b64decode(encoded)
    except (binascii.Error, ValueError) as error:
        raise UnusableArchive("must be a zip in base64") from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _files(archive, most_bytes)
    except UnusableArchive:
        raise
    except _ERRORS as error:
        raise UnusableArchive("cannot be extracted: it is no zip, or a damaged or encrypted one") from error


def _files(archive: zipfile.ZipFile, most_bytes: int) -> tuple[ProgramFile, ...]:
    """The sizes in the archive may be wrong, so no more than allowed is read of it."""
    members = [each for each in archive.infolist() if not each.is_dir()]
    if not members or len(members) >= MOST_FILES:
        raise UnusableArchive(f"must have 1 to {MOST_FILES - 1} files")
    files, left = [], most_bytes
    for member in members:
        with archive.open(member) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise UnusableArchive(f"has more than {most_bytes} bytes when it is extracted")
        files.append(ProgramFile.of(member.filename.removeprefix("./"), content))
    return tuple(files)


def with_source(source: str, language: Language, files: Sequence[ProgramFile]) -> ProgramFiles:
    """The program of a source and the files beside it."""
    main = language.main_name or language.source_name
    others = [file for file in files if file.name != main]
    return ProgramFiles((ProgramFile.of(main, source.encode()), *others), main)


def multi_file_program(files: Sequence[ProgramFile]) -> ProgramFiles:
    """The program of language 89, as one in Bash."""
    return ProgramFiles((ProgramFile.of(_START, _SCRIPT.encode()), *files), _START)


def as_archive(program: ProgramFiles) -> bytes:
    """A zip of the files beside the one that starts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in program.files:
            if file.name != program.entry_point:
                archive.writestr(zipfile.ZipInfo(file.name), file.content)
    return buffer.getvalue()
