"""LeetCode's GraphQL queries and pages have what its command-line clients read."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from judge_api.compat.leetcode.questions import code_page, question_body
from judge_api.store.statistics import ProblemCounts
from judge_api.store.verdicts import VerdictStore
from judge_core.model.problem import ProblemLimits, ProblemSpec, ProblemType, Sample
from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.compat.workers import offer_languages
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture

DETAIL = (
    "query getQuestionDetail($titleSlug: String!) {\n  question(titleSlug: $titleSlug) { content stats } }"
)


def _ask(app: AppFixture, query: str, **variables: str) -> Any:
    body = {"query": query, "variables": variables}
    return app.client.post("/graphql", json=body, headers=app.headers())


def test_a_question_has_the_fields_that_clients_show(app: AppFixture) -> None:
    offer_languages(app, python3="3.11", cpp20="12")
    question = _ask(app, DETAIL, titleSlug="aplusb").get_json()["data"]["question"]
    assert "<" in question["content"]
    assert set(json.loads(question["stats"])) == {"totalAccepted", "totalSubmission"}
    definitions = {one["value"]: one["defaultCode"] for one in json.loads(question["codeDefinition"])}
    assert {"python3", "cpp"} <= set(definitions)
    assert definitions["python3"].strip()
    assert question["questionId"].isdigit()
    assert question["sampleTestCase"].strip()
    assert question["enableRunCode"] is True
    json.loads(question["metaData"])


def test_samples_without_a_final_newline_are_joined_on_separate_lines() -> None:
    samples = tuple(Sample(name, text, "") for name, text in (("1", "1 2"), ("2", "3 4\n")))
    spec = ProblemSpec("sum", "0" * 64, "Sum", ProblemType(), ProblemLimits(), 2, samples=samples)
    assert question_body(spec, ProblemCounts(), (), 1)["exampleTestcases"] == "1 2\n3 4\n"


def test_an_unknown_question_is_null_and_an_unknown_query_is_refused(app: AppFixture) -> None:
    assert _ask(app, DETAIL, titleSlug="nowhere").get_json() == {"data": {"question": None}}
    assert _ask(app, DETAIL, titleSlug="a\x00b").get_json() == {"data": {"question": None}}
    refused = _ask(app, "mutation { drop }")
    assert (refused.status_code, "errors" in refused.get_json()) == (400, True)


def test_the_user_query_returns_the_account(app: AppFixture) -> None:
    user = _ask(app, "{\n  user {\n    username\n    isCurrentUserPremium\n  }\n}").get_json()["data"]["user"]
    assert (user["username"], user["isCurrentUserPremium"]) == ("ada", False)


def test_the_catalog_shows_counts_and_whether_a_problem_is_solved(app: AppFixture) -> None:
    def pair() -> Any:
        found = app.client.get("/api/problems/algorithms/", headers=app.headers("bob")).get_json()
        return next(
            one for one in found["stat_status_pairs"] if one["stat"]["question__title_slug"] == "aplusb"
        )

    before = pair()
    assert before["status"] is None
    assert before["stat"]["total_submitted"] >= 1
    VerdictStore(app.services.engine).record(finished(app.submit("bob").get_json()["id"]))
    assert pair()["status"] == "ac"


def test_a_problem_address_of_leetcode_redirects_to_the_problem(app: AppFixture) -> None:
    answer = app.client.get("/problems/aplusb/description/", headers=app.headers())
    assert (answer.status_code, answer.headers["Location"]) == (302, "/problems/aplusb")


EVIL = "x = '\\'; process.exit(3); //\n\u2028é😀`${1}`"


@pytest.mark.parametrize("source", [SUM, EVIL, ""])
def test_the_source_of_a_submission_is_a_harmless_string_in_the_page(app: AppFixture, source: str) -> None:
    found = re.search(r"submissionCode:\s('[^']*')", code_page(source))
    assert found is not None
    program = f"process.stdout.write(JSON.stringify(eval({json.dumps(found[1])})))"
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, timeout=90, check=True)
    assert json.loads(done.stdout) == source


def test_the_shares_of_runtimes_that_are_not_faster_add_up_to_the_percentile(app: AppFixture) -> None:
    def judged(name: str, cpu_ms: int) -> int:
        id = app.submit(name, problem="aplusb").get_json()["id"]
        tests = (TestResult("secret/1", Verdict.AC, cpu_ms, cpu_ms, 900),)
        report = replace(finished(id), outcome=Outcome(Verdict.AC, tests, 1, cpu_ms=cpu_ms))
        VerdictStore(app.services.engine).record(report)
        serial: int = app.client.get(f"/status/{id}", headers=app.headers(name)).get_json()["serial"]
        return serial

    own = [judged("grace", 70_000), judged("author", 80_000), judged("bob", 60_000)][0]
    page = app.client.get(f"/submissions/detail/{own}/", headers=app.headers("grace"))
    found = re.search(r"runtimeDistributionFormatted:\s('[^']+')", page.get_data(as_text=True))
    assert found is not None
    program = f"process.stdout.write(JSON.stringify(JSON.parse(eval({json.dumps(found[1])}))))"
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, timeout=90, check=True)
    chart = json.loads(done.stdout)
    assert chart["lang"] == "python3"
    slower = sum(float(part) for ms, part in chart["distribution"] if float(ms) >= 70_000)
    check = app.client.get(f"/submissions/detail/{own}/check/", headers=app.headers("grace")).get_json()
    assert slower == pytest.approx(check["runtime_percentile"], abs=0.01)
    assert sum(float(part) for _, part in chart["distribution"]) == pytest.approx(100, abs=0.01)


def test_a_waiting_submission_has_no_runtimes(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    serial = app.client.get(f"/status/{id}", headers=app.headers()).get_json()["serial"]
    page = app.client.get(f"/submissions/detail/{serial}/", headers=app.headers())
    assert "runtimeDistributionFormatted" not in page.get_data(as_text=True)


def test_only_the_owner_of_a_submission_reads_its_source(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    serial = app.client.get(f"/status/{id}", headers=app.headers()).get_json()["serial"]
    answer = app.client.get(f"/submissions/detail/{serial}/", headers=app.headers())
    assert answer.get_data(as_text=True) == code_page(SUM)
    assert app.client.get(f"/submissions/detail/{serial}/", headers=app.headers("bob")).status_code == 404
