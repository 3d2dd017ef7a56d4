"""A hash of all that a verdict depends on: versions with the same hash give the same verdicts.

These are left out, since judging does not read them: statements, attachments, names, authors, hints, most
pictures, and most programs that check or draw the tests. So a change of the statement does not make earlier
submissions count as judged by other tests.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import PurePosixPath

from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import list_files
from judge_core.packages.metadata import Metadata
from judge_core.packages.package import Package
from judge_core.packages.public_files import STATEMENT_FOLDERS, STATEMENTS_AT_THE_TOP

_FOR_READERS = (
    *STATEMENT_FOLDERS,
    *STATEMENTS_AT_THE_TOP,
    "attachments",
    "solution",
    "input_validators",
    "input_format_validators",
    "input_validator",
    "answer_validator",
    "answer_validators",
    "input_visualizer",
    "input_visualizers",
    "output_visualizer",
    "output_visualizers",
    "problem.yaml",
)
"""Folders and files that are not hashed. Of ``problem.yaml``, the settings that :func:`_settings` returns are
hashed."""
_ENDINGS_FOR_READERS = (
    *(".hint", ".desc", ".in.statement", ".ans.statement"),
    *(".png", ".jpg", ".jpeg", ".svg"),
)


def judging_hash(package: Package) -> str:
    """SHA-256 of the files and settings that a verdict depends on.

    The package's submissions are hashed only if the time limit is calibrated with them.
    """
    has_limit = package.metadata.limits.time is not None
    digest = hashlib.sha256(_settings(package.metadata).encode())
    for name, path in list_files(package.folder, Diagnostics()).files:
        if _is_for_readers(name) or (has_limit and name.startswith("submissions/")):
            continue
        with path.open("rb") as content:
            digest.update(f"{name}\0{hashlib.file_digest(content, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


def _is_for_readers(name: str) -> bool:
    top = PurePosixPath(name).parts[0]
    return top in _FOR_READERS or (top == "data" and name.endswith(_ENDINGS_FOR_READERS))


def _settings(metadata: Metadata) -> str:
    judged = replace(
        metadata,
        names={},
        authors=(),
        source=None,
        license="unknown",
        rights_owner=None,
        keywords=(),
        embargo_until=None,
        uuid=None,
    )
    return json.dumps(asdict(judged), sort_keys=True, default=str)
