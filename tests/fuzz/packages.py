"""Reads random settings of packages: ``python -m tests.fuzz.packages --minutes 10``.

An author can write anything into ``problem.yaml`` and the files of test groups. Each must be read, or refused
with ``BrokenPackage`` and no other exception. It must be possible to store and show what was read.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml
from hypothesis import strategies as st

from judge_api.http.json import dump_json
from judge_core.model.problem import ProblemSpec
from judge_core.packages import BrokenPackage, read_package
from judge_core.packages.spec import problem_spec
from tests.fuzz.messages import changed
from tests.fuzz.reports_and_files import Target, fuzz_all

LEGACY = {
    "name": "X",
    "type": "scoring",
    "author": "A, B and C",
    "keywords": "easy x",
    "validation": "custom score interactive",
    "validator_flags": "a 'b c'",
    "grading": {"objective": "max", "accept_score": 1, "range": "0 100", "on_reject": "break"},
    "limits": {"time_limit": 1.5, "time_multiplier": 5, "memory": 64, "output": 8, "validation_time": 60},
    "languages": "java python3",
}
NEW = {
    "problem_format_version": "2023-07",
    "type": ["scoring", "interactive"],
    "name": {"en": "X", "de": "Y"},
    "uuid": "1",
    "credits": {"authors": [{"name": "A", "email": "a@b"}, "B"], "testers": "C"},
    "source": [{"name": "S", "url": "https://x"}],
    "license": "cc by",
    "embargo_until": "2030-01-01T00:00:00Z",
    "limits": {"time_multipliers": {"ac_to_time_limit": 2, "time_limit_to_tle": 1.5}, "memory": 64},
    "keywords": ["a"],
    "languages": ["java"],
    "allow_file_writing": True,
    "constants": {"n": 5, "m": {"value": 1, "tex": "x"}},
}
GROUP = {
    "on_reject": "break",
    "accept_score": 1.5,
    "range": "0 10",
    "grading": "default",
    "grader_flags": "sum ignore_sample",
    "output_validator_flags": "float_tolerance 1e-6",
    "scoring": {"score": 5, "aggregation": "sum"},
    "require_pass": ["sample"],
    "output_validator_args": ["{{n}}"],
}
_marks = st.sampled_from(
    ["&a", "*a", "<<: *a", "!!binary x", "!!python/object:os.system x", "---", "{{n}}", "\t", "? "]
)


def yaml_like(good: Mapping[str, object]) -> st.SearchStrategy[bytes]:
    """Bytes that resemble a good file: with changed values, with YAML's special syntax, or with replaced
    bytes. Sometimes they are any bytes, or deeply nested."""
    whole = yaml.safe_dump(good).encode()

    def spliced(parts: tuple[int, int, bytes]) -> bytes:
        start, length, inserted = parts
        return whole[:start] + inserted + whole[start + length :]

    places = st.tuples(
        st.integers(0, len(whole)), st.integers(0, 20), st.binary(max_size=12) | _marks.map(str.encode)
    )
    dumped = changed(good).map(lambda data: json.dumps(data).encode("utf-8", "surrogatepass"))
    deep = st.integers(0, 3_000).map(lambda depth: b"name: " + b"[" * depth)
    return st.one_of(dumped, dumped, dumped, places.map(spliced), st.binary(max_size=50), deep)


def _check(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory(prefix="gavel-fuzz-") as place:
        folder = Path(place) / "sample"
        for name in ("data/secret/1.in", "data/secret/1.ans", "output_validators/v/build"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(b"1\n")
        for name, content in files.items():
            (folder / name).write_bytes(content)
        try:
            package = read_package(folder)
        except BrokenPackage as broken:
            for fault in broken.faults:
                dump_json([fault.file, fault.message, fault.key])
            return
        spec = problem_spec(package, "0" * 64, ())
        assert ProblemSpec.from_json(json.loads(dump_json(spec.to_json()))) == spec


def check_settings(content: bytes) -> None:
    _check({"problem.yaml": content})


def check_group(content: bytes) -> None:
    _check({"problem.yaml": b"name: X\ntype: scoring\n", "data/secret/testdata.yaml": content})


def check_new_group(content: bytes) -> None:
    head = yaml.safe_dump(NEW | {"type": ["scoring"]}).encode()
    _check({"problem.yaml": head, "data/secret/test_group.yaml": content, "data/secret/1.yaml": content})


TARGETS = (
    Target("problem.yaml, legacy", check_settings, yaml_like(LEGACY)),
    Target("problem.yaml, 2023-07", check_settings, yaml_like(NEW)),
    Target("testdata.yaml", check_group, yaml_like(GROUP)),
    Target("test_group.yaml and a test's own", check_new_group, yaml_like(GROUP)),
)


if __name__ == "__main__":
    fuzz_all("packages", __doc__ or "", TARGETS)
