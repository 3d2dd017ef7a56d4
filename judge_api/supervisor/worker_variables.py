"""The list of a worker's environment variables, for commands and docs: name, default and meaning.

A worker itself reads its variables in ``workers/settings.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerVariable:
    """One variable. If ``by_gavel_up`` is true, `gavel up` passes it on to workers. The other variables are
    for workers that are started without `gavel up`."""

    meaning: str
    default: str = ""
    by_gavel_up: bool = True
    is_secret: bool = False


def _own(meaning: str, default: str = "", is_secret: bool = False) -> WorkerVariable:
    return WorkerVariable(meaning, default, by_gavel_up=False, is_secret=is_secret)


WORKER_VARIABLES: Mapping[str, WorkerVariable] = {
    "GAVEL_TOOLCHAIN_PATHS": WorkerVariable(
        "Folders of toolchains outside /usr, with colons between (docs/how-to/add-a-language.md)"
    ),
    "GAVEL_LANGUAGES_DIR": WorkerVariable("Folder of your own languages, as on the main server"),
    "GAVEL_LANGUAGES": WorkerVariable("Ids of the languages to offer, with commas; empty for all that work"),
    "GAVEL_TIERS": WorkerVariable(
        "The tiers and their weights, the same as on the main server", "normal=1,premium=10"
    ),
    "GAVEL_SPEED_REFERENCE": WorkerVariable(
        "The speed that hosts are compared with, as `gavel workers` shows it; empty: none"
    ),
    "GAVEL_SPEED_BAND": WorkerVariable("The allowed speeds, as multiples of the reference", "0.5-2"),
    "GAVEL_SPEED_OUTSIDE": WorkerVariable(
        "A worker outside the band: warn, refuse, or pool (a pool of its own, slow or fast)", "warn"
    ),
    "GAVEL_POOL": WorkerVariable(
        "The worker's pool, which has its own queue; auto: one pool for each set of languages", "default"
    ),
    "GAVEL_SANDBOX": WorkerVariable(
        "auto, launcher, bubblewrap (weaker), or gvisor (slower, each run with a kernel of its own)", "auto"
    ),
    "GAVEL_CORES": WorkerVariable("Cores for judging: auto, never, or such as 2-5", "auto"),
    "GAVEL_SLOTS": WorkerVariable(
        "Tests of one submission that a worker runs at once while no other worker of the machine judges", "1"
    ),
    "GAVEL_BOX_ROOT": WorkerVariable("Folder that holds the /usr and /etc of the worker's boxes", "/"),
    "GAVEL_OWN_FILES": WorkerVariable(
        "Keep the file pages of two slots apart, by FUSE or a copy: auto, require or no", "auto"
    ),
    "GAVEL_COPY_BYTES": WorkerVariable(
        "The most bytes of the copy of the system, if FUSE is missing; 0: no copy", "2147483648"
    ),
    "GAVEL_RUN_ALL": WorkerVariable("yes to go on after the first failing test", "no"),
    "GAVEL_CACHE_BYTES": WorkerVariable("Bytes of problem packages kept on this host", "4294967296"),
    "GAVEL_COMPILE_CACHE_BYTES": WorkerVariable("Bytes of compiled programs kept on this host", "2147483648"),
    "GAVEL_FREE_BYTES": WorkerVariable(
        "With fewer free bytes on its disk the worker takes no submission", "134217728"
    ),
    "GAVEL_LEASE_SECONDS": WorkerVariable(
        "Seconds without a heartbeat, after which another worker gets the submission", "10"
    ),
    "GAVEL_FAST_PATHS": WorkerVariable(
        "Fast paths, which bypass a library for speed, the same as on the main server",
        "all",
    ),
    "GAVEL_LOG_FORMAT": WorkerVariable("Log format: text or json", "text"),
    "GAVEL_LOG_LEVEL": WorkerVariable("Log level", "INFO"),
    "GAVEL_SERVER_URL": _own("Address of the main server", "http://127.0.0.1:8000"),
    "GAVEL_WORKER_TOKEN": _own("The main server's token for workers", is_secret=True),
    "GAVEL_WORKER_NAME": _own("The worker's name; tier, host and slot if empty"),
    "GAVEL_SLOT": _own("The worker's sandbox slot; the next free one if empty"),
    "GAVEL_CACHE": _own(
        "Folder of packages and compiled programs; in GAVEL_DATA or the user's cache if empty"
    ),
    "GAVEL_ATTEMPT_SECONDS": _own(
        "Seconds after which the worker gives up a judgement that does not end", "900"
    ),
    "GAVEL_FAULTS_ALLOWED": _own("Faults in a row after which the worker stops", "3"),
    "GAVEL_JOB_BYTES": _own("The most bytes of one job, decompressed", "16777216"),
}
