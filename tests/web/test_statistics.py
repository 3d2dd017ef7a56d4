"""The list of problems has counts and marks. A problem has a histogram of runtimes and a percentile."""

from __future__ import annotations

from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.web.app_fixture import AppFixture


def test_an_account_reads_its_mark_and_the_statistics_of_a_problem(
    own_app: AppFixture,
) -> None:
    app = own_app
    ids = [app.submit(name).get_json()["id"] for name in ("ada", "grace", "bob")]
    verdicts = (Verdict.AC, Verdict.AC, Verdict.WA)
    for id, verdict in zip(ids, verdicts, strict=True):
        assert VerdictStore(app.services.engine).record(finished(id, verdict=verdict)) is not None

    def line(name: str | None) -> dict[str, object]:
        headers = app.headers(name) if name else {}
        found: dict[str, object] = app.client.get("/problems", headers=headers).get_json()["problems"][0]
        return found

    assert [line(name)["mark"] for name in ("ada", "bob", None)] == ["solved", "tried", None]
    shown = line(None)
    assert (shown["submitted"], shown["accepted"], shown["acceptance_rate"]) == (3, 2, 0.6667)

    path = "/problems/aplusb/runtimes?language=python"
    runtimes = app.client.get(path, headers=app.headers("ada")).get_json()
    assert runtimes == {
        "language": "python3",
        "count": 2,
        "bins": [{"from_ms": 3, "to_ms": 5, "count": 2}],
        "values": [3, 3],
        "band_ms": [1, 5],
    }
    assert app.client.get(path).get_json()["band_ms"] is None
    assert app.client.get("/problems/aplusb/runtimes?language=klingon").status_code == 422
    assert app.client.get("/problems/none/runtimes?language=python").status_code == 404

    def shown_percentile(id: str, name: str) -> object:
        return app.client.get(f"/submissions/{id}", headers=app.headers(name)).get_json()["percentile"]

    assert shown_percentile(ids[0], "ada") == {"beats": 50.0, "low": 0.0, "high": 100.0, "among": 2}
    assert shown_percentile(ids[2], "bob") is None
