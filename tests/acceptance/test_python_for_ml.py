"""The ``judge0`` package runs programs in Judge0's "Python for ML", by a real worker in the sandbox.

It needs the packages of ``deploy/toolchains/debian-scientific.txt``, which ``.ci/run`` installs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import judge0
import pytest
from judge0 import LanguageAlias, Status
from judge0.clients import Judge0Cloud

from tests.acceptance.app_fixture import RunningStack, small_stack, wait_until

pytestmark = pytest.mark.clients
LEARN = """
import numpy as np
import pandas as pd
from scipy.optimize import curve_fit

points = np.array([float(word) for word in input().split()])
frame = pd.DataFrame({"x": np.arange(points.size), "y": points})
(slope, start), _ = curve_fit(lambda x, a, b: a * x + b, frame["x"], frame["y"])
print(f"{slope:.3f} {start:.3f} {frame['y'].mean():.3f}")
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    languages = "python3,python3-scientific"
    running = small_stack(tmp_path_factory.mktemp("ml") / "data", GAVEL_LANGUAGES=languages)
    running.start()
    yield running
    assert running.stop() == 0, running.printed


@pytest.fixture
def extra(stack: RunningStack) -> Judge0Cloud:
    key = stack.credentials.accounts["premium"].key
    client = Judge0Cloud(f"{stack.credentials.url}/judge0/extra", {"X-Auth-Token": key})
    wait_until(
        lambda: any("numpy" in each.name for each in client.get_languages() if each.id == 25),
        "a worker has the libraries of deploy/toolchains/debian-scientific.txt",
        90,
    )
    return client


@pytest.mark.parametrize("language", [LanguageAlias.PYTHON_FOR_ML, 10, 25], ids=str)
def test_python_for_ml_is_judged_with_its_libraries(extra: Judge0Cloud, language: Any) -> None:
    result = judge0.run(
        client=extra,
        language=language,
        source_code=LEARN,
        stdin="1 3 5 7",
        expected_output="2.000 1.000 4.000",
        cpu_time_limit=10.0,
    )
    assert (result.status, result.stdout) == (Status.ACCEPTED, "2.000 1.000 4.000\n"), result.stderr
