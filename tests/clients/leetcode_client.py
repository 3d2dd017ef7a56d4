"""Drives PyPI's ``python-leetcode``, whose server can be set, and prints the answers that it got.

Arguments: URL KEY SLUG SOURCE INPUT.
"""

import json
import sys
import time
from typing import Any

import leetcode

url, key, slug, source, given = sys.argv[1:]
settings = leetcode.Configuration()
settings.host = url
settings.api_key = {
    "x-csrftoken": "a-token",
    "csrftoken": "a-token",
    "LEETCODE_SESSION": key,
    "Referer": url,
}
api = leetcode.DefaultApi(leetcode.ApiClient(settings))


def ask(query: str, variables: Any, name: str | None = None) -> Any:
    body = leetcode.GraphqlQuery(query=query, variables=variables, operation_name=name)
    return api.graphql_post(body=body).data


def wait(id: Any) -> dict[str, Any]:
    """The final body of a check, read as text, because the client's model of a check has no fields."""
    while True:
        body = api.submissions_detail_id_check_get(id=id, _preload_content=False).data
        answer: dict[str, Any] = json.loads(body)
        if answer["state"] == "SUCCESS":
            return answer
        time.sleep(0.2)


catalog = api.api_problems_topic_get(topic="algorithms")
found = next(pair for pair in catalog.stat_status_pairs if pair.stat.question__title_slug == slug)
user = ask("{ user { username isCurrentUserPremium } }", leetcode.GraphqlQueryVariables()).user
question = ask(
    "query getQuestionDetail($titleSlug: String!) { question(titleSlug: $titleSlug) { questionId content } }",
    leetcode.GraphqlQueryGetQuestionDetailVariables(title_slug=slug),
    "getQuestionDetail",
).question
code = {"lang": "python3", "question_id": found.stat.question_id, "test_mode": False, "typed_code": source}
tried = api.problems_problem_interpret_solution_post(
    problem=slug, body=leetcode.TestSubmission(data_input=given, **code)
)
sent = api.problems_problem_submit_post(problem=slug, body=leetcode.Submission(judge_type="large", **code))
run, verdict = wait(tried.interpret_id), wait(sent.submission_id)
print(
    json.dumps(
        {
            "user": user.username,
            "total": catalog.num_total,
            "title": found.stat.question__title,
            "question": question.question_id == str(found.stat.question_id),
            "test_case": tried.test_case,
            "run": [run["status_msg"], run["code_answer"]],
            "verdict": [verdict["status_msg"], verdict["total_correct"], verdict["total_testcases"]],
        }
    )
)
