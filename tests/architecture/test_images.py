"""The worker's image installs the packages that a worker imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_IMPORTED = """
import sys
sys.modules["opentelemetry"] = None  # redis-py looks for it; the tests have it, and images do not
from importlib.metadata import packages_distributions
import workers.__main__, workers.jobs
owners = packages_distributions()
for name, module in sorted(sys.modules.items()):
    if "site-packages" in (getattr(module, "__file__", None) or ""):
        print(*owners.get(name.partition(".")[0], ()))
"""
_OURS = {"gavel-judge", "setuptools"}
"""The packages that install this checkout itself for the tests."""
_OPTIONAL = {"cryptography"}
"""redis-py imports this package if it is installed, and needs it only for OCSP, which no worker uses."""


def test_a_worker_imports_only_packages_that_its_image_installs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    imported = {name.lower().replace("_", "-") for name in done.stdout.split()}
    listed = (ROOT / "deploy/worker-requirements.txt").read_text().splitlines()
    needs = {line.partition("#")[0].strip() for line in listed} - {""}
    assert {"redis", "rq", "pyyaml"} <= imported
    assert imported - needs - _OURS - _OPTIONAL == set()
