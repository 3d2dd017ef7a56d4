"""Reads a contest by pydomjudge, whose models check the answers.

Arguments: the server's address, the name and API key of an administrator, and the contest. Prints how many
objects each call returned, or what its model refused. Balloons are left out: its model wants a list as
``total`` and a number as ``teamid``, where DOMjudge itself has an object and, since version 9, a text.
"""

import json
import sys

from pydantic import ValidationError
from pydomjudge.domjudge import DOMJudge

url, name, key, contest = sys.argv[1:]
client = DOMJudge(url, name, key)
CALLS = {
    "get_api_version": (),
    "get_api_info": (),
    "get_general_status": (),
    "get_config": (),
    "get_user_info": (),
    "get_all_users": (),
    "get_all_contests": (),
    "get_contest": (contest,),
    "get_contest_state": (contest,),
    "get_contest_status": (contest,),
    "get_access_information": (contest,),
    "get_all_problems": (contest,),
    "get_all_teams": (contest,),
    "get_submissions": (contest,),
    "get_all_judgements": (contest,),
    "get_all_judgement_types": (contest,),
    "get_all_clarifications": (contest,),
    "get_all_awards": (contest,),
    "get_all_runs": (contest,),
    "get_scoreboard": (contest,),
}
found: dict[str, object] = {}
for call, arguments in CALLS.items():
    try:
        answer = getattr(client, call)(*arguments)
    except (ValidationError, AttributeError) as error:
        found[call] = f"{type(error).__name__}: {str(error)[:300]}"
    else:
        found[call] = len(answer) if isinstance(answer, list) else 1
print(json.dumps(found))
