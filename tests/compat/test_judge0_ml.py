"""Judge0's "Python for ML" is offered if a worker has its libraries. Limits for each process are accepted."""

from __future__ import annotations

from typing import Any

import pytest

from judge_api.store.records import SubmissionFilter
from tests.compat.workers import offer_languages
from tests.web.app_fixture import SUM, AppFixture


def _listed(app: AppFixture) -> dict[int, str]:
    return {each["id"]: each["name"] for each in app.client.get("/judge0/extra/languages").get_json()}


def _post(app: AppFixture, **fields: Any) -> Any:
    body = {"source_code": SUM, "language_id": 33, **fields}
    headers = {"X-Auth-Token": app.accounts["ada"].key}
    return app.client.post("/judge0/extra/submissions", json=body, headers=headers)


def _newest(app: AppFixture) -> Any:
    page = app.services.submissions.page(SubmissionFilter(account_id=app.accounts["ada"].account.id), None, 1)
    return app.services.submissions.submission(page.items[0].id)


def test_three_language_ids_are_python_for_ml_if_a_worker_has_the_libraries(app: AppFixture) -> None:
    offer_languages(app, python3="3.11.2", **{"python3-scientific": "3.11.2 (numpy 1.24.2)"})
    listed = _listed(app)
    assert {listed[id] for id in (10, 25, 33)} == {"Python for ML, 3.11.2 (numpy 1.24.2)"}
    assert app.client.get("/judge0/extra/languages/33").get_json()["run_cmd"].startswith("python3")
    for number in (10, 25, 33):
        assert _post(app, language_id=number).status_code == 201
        assert _newest(app).status.language == "python3-scientific"


def test_without_the_libraries_the_default_id_of_the_sdk_is_plain_python(app: AppFixture) -> None:
    offer_languages(app, python3="3.11.2", **{"python3-scientific": ""})
    listed = _listed(app)
    assert (10 in listed, 25 in listed, listed[33]) == (False, False, "Python 3 (CPython), 3.11.2")
    assert _post(app).status_code == 201
    assert _newest(app).status.language == "python3"
    assert _post(app, language_id=25).get_json() == {
        "language_id": ["language with id 25 is archived and cannot be used anymore"]
    }


@pytest.mark.parametrize("value", [True, "true", 1])
def test_limits_for_each_process_leave_the_total_at_the_limit_of_the_account(
    app: AppFixture, value: object
) -> None:
    offer_languages(app, python3="3.11.2")
    flags = [f"enable_per_process_and_thread_{name}_limit" for name in ("time", "memory")]
    assert _post(app, cpu_time_limit=2, memory_limit=64_000, **dict.fromkeys(flags, value)).status_code == 201
    limits = _newest(app).run.limits
    assert (limits.process_cpu_seconds, limits.process_memory_kb) == (2, 64_000)
    assert (limits.cpu_seconds, limits.memory_kb) == (15, 512_000)
    assert _post(app, cpu_time_limit=2, memory_limit=64_000).status_code == 201
    limits = _newest(app).run.limits
    assert (limits.process_cpu_seconds, limits.process_memory_kb) == (None, None)
    assert (limits.cpu_seconds, limits.memory_kb) == (2, 64_000)
