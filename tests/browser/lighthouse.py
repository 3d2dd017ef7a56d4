"""Measures Lighthouse's mobile score of the home page, the list and a problem.

Each score is the median of five runs with simulated throttling. ``make test-lighthouse`` installs Lighthouse
into ``.venv/lighthouse`` and runs this module. The score depends on the time that scripts take on this
machine, so the machine must be quiet.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.app_fixture import open_stack
from tests.browser.conftest import CHROMIUM

LIGHTHOUSE = Path(".venv/lighthouse/node_modules/.bin/lighthouse")
PATHS = ("/", "/problems", "/problems/aplusb")
CATEGORIES = ("performance", "accessibility", "best-practices")
FIGURES = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "cumulative-layout-shift",
)
RUNS = 5
LEAST = 95


def measure(url: str, folder: Path) -> dict[str, Any]:
    """The report of one run of Lighthouse with its own settings for a phone."""
    report = folder / "report.json"
    command = [str(LIGHTHOUSE), url, "--quiet", "--output=json", f"--output-path={report}"]
    command += [f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless=new --no-sandbox"]
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    subprocess.run(command, env=environment, check=True, timeout=180)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Print the medians, and end with 1 if a median is too low."""
    is_low = False
    with tempfile.TemporaryDirectory() as name, open_stack(Path(name)) as stack:
        for path in PATHS:
            runs = [measure(stack.url + path, Path(name)) for _ in range(RUNS)]
            scores = {
                each: round(statistics.median(run["categories"][each]["score"] for run in runs) * 100)
                for each in CATEGORIES
            }
            figures = {
                each: round(statistics.median(run["audits"][each]["numericValue"] for run in runs), 3)
                for each in FIGURES
            }
            print(f"Lighthouse {runs[0]['lighthouseVersion']}, {path}: {scores} {figures}", flush=True)
            is_low = is_low or min(scores.values()) < LEAST
    return int(is_low)


if __name__ == "__main__":
    sys.exit(main())
