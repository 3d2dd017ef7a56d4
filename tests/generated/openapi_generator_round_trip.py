"""Submits, follows and lists by the functions of the client that openapi-generator makes. Runs in its
environment."""

from __future__ import annotations

import json
import sys
import time

import gavel_api  # type: ignore[import-not-found]

SOURCE = "print(sum(map(int, input().split())))"


def main() -> None:
    url, key = sys.argv[1:]
    with gavel_api.ApiClient(gavel_api.Configuration(host=url, access_token=key)) as client:
        api = gavel_api.SubmissionsApi(client)
        wanted = gavel_api.SubmissionIn(problem="aplusb", language="python3", source=SOURCE)
        accepted = api.submit(submission_in=wanted)
        ends = time.monotonic() + 60
        status = api.show_status(accepted.id, wait=10)
        while status.state not in ("SUCCESS", "FAILURE") and time.monotonic() < ends:
            status = api.show_status(accepted.id, wait=10)
        newest = api.list_submissions().submissions[0].id
    print(json.dumps({"verdict": status.verdict, "is_newest": newest == accepted.id}))


if __name__ == "__main__":
    main()
