"""The servers work inside gVisor, in which `deploy/kubernetes/overlays/gvisor` runs the API and the
dispatcher."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ports import free_port

pytestmark = pytest.mark.gvisor
ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, platform, signal, subprocess, sys, time
import requests

options = ["--bare", "--data", "/tmp/judge", "--port", sys.argv[1], "--workers", "normal=0,premium=0"]
with open("/tmp/judge.out", "wb") as out:
    judge = subprocess.Popen([sys.executable, "-m", "judge_api", "up", *options], stdout=out, stderr=out)
ends = time.monotonic() + 100
while b"Gavel is up" not in open("/tmp/judge.out", "rb").read():
    assert judge.poll() is None and time.monotonic() < ends, open("/tmp/judge.out").read()
    time.sleep(0.5)
known = json.load(open("/tmp/judge/credentials.json"))
headers = {"Authorization": f"Bearer {known['accounts']['normal']['key']}"}
run = {"language": "python3", "source": "print(1)"}
posted = requests.post(f"{known['url']}/runs", json=run, headers=headers, timeout=60)
shown = requests.get(f"{known['url']}/status/{posted.json()['id']}", headers=headers, timeout=60)
judge.send_signal(signal.SIGINT)
print(platform.release(), posted.status_code, shown.json()["stage"], judge.wait(60))
"""


@pytest.mark.timeout(300)
def test_inside_gvisor_the_servers_start_accept_a_run_and_end() -> None:
    """There is no worker, so the run stays queued. The file system of ``runsc do`` keeps nothing."""
    runsc = shutil.which("runsc")
    assert runsc is not None, "runsc is missing: `make test-gvisor` unpacks it"
    inside = [sys.executable, "-c", SCRIPT, str(free_port())]
    done = subprocess.run(
        [runsc, "--network=none", "--ignore-cgroups", "do", "--", *inside],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    release, *others = done.stdout.split()
    assert release == "4.4.0", "the release of the kernel is not gVisor's"
    assert others == ["202", "QUEUED", "0"]
