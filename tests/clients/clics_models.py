"""Checks an archive of a contest by the models that xcpcio has made from the Contest API's JSON schemas.

Argument: the folder that ``clics-archiver`` wrote. Prints the number of objects checked of each kind, and the
faults.
"""

import json
import sys
from pathlib import Path

from pydantic import ValidationError
from xcpcio.clics.model import model_2023_06 as models

folder = Path(sys.argv[1])
KINDS = {
    "contest": models.Contest,
    "judgement-types": models.JudgementType,
    "languages": models.Language,
    "problems": models.Problem,
    "groups": models.Group,
    "organizations": models.Organization,
    "teams": models.Team,
    "state": models.State,
    "submissions": models.Submission,
    "judgements": models.Judgement,
    "runs": models.Run,
    "clarifications": models.Clarification,
    "awards": models.Award,
}
checked: dict[str, int] = {}
faults: list[str] = []


def check(kind: str, value: object, where: str) -> None:
    checked[kind] = checked.get(kind, 0) + 1
    try:
        KINDS[kind].model_validate(value)
    except ValidationError as error:
        faults.append(f"{where} {kind}: {error.errors()[:3]}")


for kind in KINDS:
    found = json.loads((folder / f"{kind}.json").read_text())
    for each in found if isinstance(found, list) else [found]:
        check(kind, each, "endpoint")
for line in (folder / "event-feed.ndjson").read_text().splitlines():
    event = json.loads(line)
    models.EventFeed.model_validate({**event, "data": None})
    if event["data"] is not None:
        check(event["type"], event["data"], "feed")
print(json.dumps({"checked": checked, "faults": faults}))
