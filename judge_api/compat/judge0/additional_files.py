"""The zip of a submission's additional files, and the programs of language 89, which consist of such a zip
alone.

A program of language 89 is started by its script ``run``, after its script ``compile`` if it has one. Bash
runs both scripts in the sandbox of the run, within the limits of the run.
"""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Sequence

from judge_api.services.program_archive import UnusableArchive, read_zip
from judge_core.model.language import Language
from judge_core.model.program_files import MOST_FILES, ProgramFile, ProgramFiles

MULTI_FILE = 89
MULTI_FILE_NAME = "Multi-file program"
COMPILE_FAILED = "gavel: the script compile failed\n"
"""The first line on stderr if the script ``compile`` failed. The output of the script follows."""
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


def read_archive(encoded: str, most_bytes: int) -> tuple[ProgramFile, ...]:
    """The files of a zip in base64. Raises ``UnusableArchive``."""
    try:
        content = base64.b64decode(encoded)
    except (binascii.Error, ValueError) as error:
        raise UnusableArchive("must be a zip in base64") from error
    found = read_zip(content, most_bytes, MOST_FILES)
    if not 0 < len(found) < MOST_FILES:
        raise UnusableArchive(f"must have 1 to {MOST_FILES - 1} files")
    return found


def with_source(source: str, language: Language, files: Sequence[ProgramFile]) -> ProgramFiles:
    """The program of a source and the files beside it."""
    main = language.main_name or language.source_name
    others = [file for file in files if file.name != main]
    return ProgramFiles((ProgramFile.of(main, source.encode()), *others), main)


def multi_file_program(files: Sequence[ProgramFile]) -> ProgramFiles:
    """The program of language 89, as a program in Bash."""
    return ProgramFiles((ProgramFile.of(_START, _SCRIPT.encode()), *files), _START)


def as_archive(program: ProgramFiles) -> bytes:
    """A zip of the files other than the main file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in program.files:
            if file.name != program.entry_point:
                archive.writestr(zipfile.ZipInfo(file.name), file.content)
    return buffer.getvalue()
