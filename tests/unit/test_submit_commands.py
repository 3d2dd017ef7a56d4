"""`gavel submit` reads the files of a program, and `gavel cancel` says that no server answers."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from judge_api.__main__ import main
from judge_api.cli.submit import read_programs


def test_a_submitted_file_may_be_in_a_folder_above_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "main.py").write_text("import lib\n")
    (tmp_path / "lib.py").write_text("print(4)\n")
    monkeypatch.chdir(folder)
    (program,) = read_programs([Path("main.py"), Path("../lib.py")], None, True, None)
    assert program.files == {"app/main.py": b"import lib\n", "lib.py": b"print(4)\n"}


def test_gavel_cancel_reports_that_no_server_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    result = CliRunner().invoke(main, ["cancel", "one", "other", "--url", url, "--key", "k"])
    assert result.exit_code == 3
    assert "Is it running?" in result.output
