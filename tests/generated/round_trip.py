"""Submits, follows and lists by the functions of the generated client. Runs in its environment."""

from __future__ import annotations

import json
import sys
import time

from gavel_generated import AuthenticatedClient  # type: ignore[import-not-found]
from gavel_generated.api.submissions import (  # type: ignore[import-not-found]
    list_submissions,
    show_status,
    submit,
)
from gavel_generated.models import SubmissionIn  # type: ignore[import-not-found]

SOURCE = "print(sum(map(int, input().split())))"


def main() -> None:
    url, key = sys.argv[1:]
    with AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True) as client:
        wanted = SubmissionIn(problem="aplusb", language="python3", source=SOURCE)
        accepted = submit.sync(client=client, body=wanted)
        ends = time.monotonic() + 60
        status = show_status.sync(accepted.id, client=client, wait=10.0)
        while status.state not in ("SUCCESS", "FAILURE") and time.monotonic() < ends:
            status = show_status.sync(accepted.id, client=client, wait=10.0)
        page = list_submissions.sync(client=client)
        newest = page.submissions[0].id
    print(json.dumps({"verdict": str(status.verdict), "is_newest": newest == accepted.id}))


if __name__ == "__main__":
    main()
