"""The pages' types name only fields that the API documents: a renamed field fails here, not on a page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.web.app_fixture import AppFixture

_TYPES = (Path("frontend/src/api/types.ts"), Path("frontend/src/admin/types.ts"))
_INTERFACE = re.compile(r"^export interface (\w+)(?: extends \w+)? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (\w+)\??:", re.MULTILINE)
_SCHEMAS = {
    "Accepted": "AcceptedOut",
    "Attempt": "SubmissionOut.AttemptOut",
    "Language": "LanguagesOut.LanguageOut",
    "Problem": "ProblemOut",
    "ProblemSummary": "ProblemsOut.ProblemLine",
    "Sample": "ProblemOut.SampleOut",
    "Statement": "ProblemOut.StatementOut",
    "Status": "StatusOut",
    "Submission": "SubmissionOut",
    "TestRow": "StatusOut.TestOut",
    "AuditEntry": "AuditOut.AuditLine",
    "Disk": "QueuesOut.DiskOut",
    "Guarantee": "WorkersOut.GuaranteeOut",
    "QueueSample": "QueuesOut.QueueSampleOut",
    "QueueState": "QueuesOut.QueueNow",
    "Queues": "QueuesOut",
    "UnreadableEntry": "QueuesOut.OddEntryOut",
    "WorkerRecord": "WorkersOut.WorkerOut",
}


@cache
def _interfaces() -> dict[str, list[str]]:
    found = {}
    for path in _TYPES:
        for name, body in _INTERFACE.findall(path.read_text()):
            found[name] = _FIELD.findall(body)
    return found


@pytest.fixture(scope="module")
def schemas(app: AppFixture) -> dict[str, Any]:
    document: dict[str, Any] = app.client.get("/openapi.json").get_json()
    return dict(document["components"]["schemas"])


@pytest.mark.parametrize("interface", _SCHEMAS)
def test_the_pages_use_only_fields_that_the_api_documents(interface: str, schemas: dict[str, Any]) -> None:
    documented = set(schemas[_SCHEMAS[interface]]["properties"])
    fields = _interfaces()[interface]
    assert fields
    assert [field for field in fields if field not in documented] == []
