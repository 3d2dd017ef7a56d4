"""Workers of one host that write the record of a package at once do not disturb each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workers import package_cache
from workers.judging.shared_cache_folder import hashes_of, stamps_below


def test_two_workers_that_check_a_package_at_once_after_a_restart_find_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sum").mkdir()
    (tmp_path / "sum" / "problem.yaml").write_text("name: Sum")
    stamps = stamps_below(tmp_path / "sum")
    package_cache._write_record(tmp_path, "sum", stamps, hashes_of(tmp_path / "sum", stamps))
    monkeypatch.setattr(package_cache, "_boot_id", lambda: "the host was started again")
    replace, others = Path.replace, [tmp_path]

    def replace_after_another_worker(draft: Path, target: Path) -> Path:
        if others:
            assert package_cache._read_record(others.pop()) is not None
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", replace_after_another_worker)
    found = package_cache._read_record(tmp_path)
    assert found is not None
    assert found.is_intact
    assert json.loads((tmp_path / ".files.json").read_text())["boot"] == "the host was started again"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".files.json", "sum"]
