"""Operators can select submissions for a rejudging, delete old submissions, back up and restore."""

from __future__ import annotations

import os
import stat
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, select

from judge_api.__main__ import main
from judge_api.store import queue_samples
from judge_api.store.attempts import AttemptStore, RequeueReason
from judge_api.store.engine import open_engine, read_connection, write_transaction
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.rejudge_selection import RejudgeFilter, RejudgeSelection
from judge_api.store.retention import Retention
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import attempts, outbox, submissions
from judge_api.store.verdicts import VerdictStore
from judge_api.supervisor import backup
from judge_api.supervisor.data_folder import DataFolder
from judge_core.model.account import Tier
from judge_core.model.submission import Kind, Verdict
from tests.support.databases import open_empty_database
from tests.support.records import PACKAGE, add_account, finished, new_submission

NEWER = "b" * 64


def judged(engine: Engine, account: str, verdict: Verdict = Verdict.AC) -> str:
    id = SubmissionStore(engine).accept(new_submission(account)).status.id
    assert VerdictStore(engine).record(finished(id, verdict=verdict)) is not None
    return id


def test_rejudging_selects_the_submissions_that_were_not_judged_by_the_current_tests(engine: Engine) -> None:
    account = add_account(engine)
    first, second = judged(engine, account, Verdict.WA), judged(engine, account)
    SubmissionStore(engine).accept(new_submission(account))
    cancelled = SubmissionStore(engine).accept(new_submission(account)).status.id
    SubmissionStore(engine).cancel(cancelled)
    rejudging = RejudgeSelection(engine)
    assert rejudging.page(RejudgeFilter(PACKAGE.slug, PACKAGE.hash)) == []
    found = rejudging.page(RejudgeFilter(PACKAGE.slug, NEWER))
    assert [(one.id, one.account, one.verdict) for one in found] == [
        (first, "ada", "WA"),
        (second, "ada", "AC"),
    ]
    assert [one.id for one in rejudging.page(RejudgeFilter(PACKAGE.slug, NEWER), found[0].serial)] == [second]
    assert len(rejudging.page(RejudgeFilter(PACKAGE.slug, PACKAGE.hash, all=True))) == 2
    assert AttemptStore(engine).rejudge(first, NEWER) is not None
    assert [one.id for one in rejudging.page(RejudgeFilter(PACKAGE.slug, NEWER))] == [second]


def test_queue_samples_count_failures_and_a_rejudging_waits_since_its_own_start(
    engine: Engine,
) -> None:
    account = add_account(engine)
    old = judged(engine, account)
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with write_transaction(engine) as connection:
        connection.execute(submissions.update().values(submitted_at=long_ago))
    AttemptStore(engine).rejudge(old)
    broken = SubmissionStore(engine).accept(new_submission(account)).status.id
    AttemptStore(engine, max_attempts=1).requeue_or_fail(broken, 1, RequeueReason("no disk"))
    count = QueueSampleStore(engine).counts()[Tier.NORMAL]
    assert (count.queued, count.running) == (1, 0)
    assert count.oldest is not None
    assert count.oldest > long_ago + timedelta(days=29)
    hour = datetime.now(UTC) - timedelta(hours=1)
    assert QueueSampleStore(engine).failed(hour) == {Tier.NORMAL: 1}


def test_a_queue_sample_counts_all_verdicts_and_takes_wait_times_from_the_latest(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_samples, "_LATEST_WAITS", 2)
    account, now = add_account(engine), datetime.now(UTC)
    for number in range(1, 5):
        of_this = submissions.update().where(submissions.c.id == judged(engine, account))
        waited, after = timedelta(seconds=number), timedelta(minutes=number)
        times = {"submitted_at": now - waited, "started_at": now, "finished_at": now + after}
        with write_transaction(engine) as connection:
            connection.execute(of_this.values(times))
    found = QueueSampleStore(engine).waits(Tier.NORMAL, now)
    assert (found.judged, found.p99_ms) == (4, 4000)
    assert found.p50_ms in (3000, 4000)
    assert QueueSampleStore(engine).waits(Tier.NORMAL, now + timedelta(minutes=4)).judged == 1


def test_purging_deletes_only_submissions_that_ended_long_ago(engine: Engine) -> None:
    account = add_account(engine)
    old, recent = judged(engine, account), judged(engine, account)
    waiting = SubmissionStore(engine).accept(new_submission(account)).status.id
    long_ago = datetime.now(UTC) - timedelta(days=91)
    with write_transaction(engine) as connection:
        which = submissions.c.id == old
        connection.execute(submissions.update().where(which).values(finished_at=long_ago))
        connection.execute(
            submissions.update().where(submissions.c.id == waiting).values(submitted_at=long_ago)
        )
    before = datetime.now(UTC) - timedelta(days=90)
    assert Retention(engine).count(before) == 1
    assert Retention(engine).purge(before) == 1
    assert Retention(engine).count(before) == 0
    with read_connection(engine) as connection:
        assert set(connection.execute(select(submissions.c.id)).scalars()) == {recent, waiting}
        assert set(connection.execute(select(attempts.c.submission_id)).scalars()) == {recent}
        assert list(connection.execute(select(outbox.c.submission_id)).scalars()) == [waiting]


def test_only_a_run_that_has_ended_can_be_deleted(engine: Engine) -> None:
    account = add_account(engine)
    run, submission = judged(engine, account), judged(engine, account)
    with write_transaction(engine) as connection:
        connection.execute(submissions.update().where(submissions.c.id == run).values(kind=Kind.RUN.value))
    waiting = SubmissionStore(engine).accept(replace(new_submission(account), kind=Kind.RUN)).status.id
    deleted = [Retention(engine).delete_run(id) for id in (waiting, submission, "nothing", run, run)]
    assert deleted == [False, False, False, True, False]
    with read_connection(engine) as connection:
        assert set(connection.execute(select(submissions.c.id)).scalars()) == {submission, waiting}
        assert set(connection.execute(select(attempts.c.submission_id)).scalars()) == {submission}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one judged and one waiting submission, a package and secrets."""
    root = tmp_path / "data"
    engine = open_empty_database(root / "gavel.db")
    account = add_account(engine)
    judged(engine, account)
    SubmissionStore(engine).accept(new_submission(account))
    (root / "packages").mkdir()
    name = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"
    (root / "packages" / f"{name}.zip").write_bytes(b"content\n")
    (root / "secret_key").write_text("s" * 40)
    return root


def gavel(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    return result.exit_code, result.output


def _ids(root: Path) -> list[str]:
    engine = open_engine(f"sqlite:///{root}/gavel.db")
    with read_connection(engine) as connection:
        return sorted(connection.execute(select(submissions.c.id)).scalars())


def test_a_backup_taken_during_a_transaction_restores_the_committed_rows(
    folder: Path, tmp_path: Path
) -> None:
    kept, before = tmp_path / "kept.zip", _ids(folder)
    engine = open_engine(f"sqlite:///{folder}/gavel.db")
    with write_transaction(engine) as connection:
        connection.execute(delete(outbox))
        assert gavel("backup", kept, "--data", folder)[0] == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    judged(engine, add_account(engine, "late"))
    engine.dispose()
    code, said = gavel("restore", kept, "--data", folder)
    assert code == 0, said
    assert _ids(folder) == before
    assert (folder / "secret_key").read_text() == "s" * 40
    (aside,) = folder.glob("before-restore-*")
    assert len(_ids(aside)) == len(before) + 1
    restored = open_engine(f"sqlite:///{folder}/gavel.db")
    with read_connection(restored) as connection:
        assert len(connection.execute(select(outbox)).all()) == 1, (
            "the deletion was not committed, so it must not be in the backup"
        )


def test_a_backup_overwrites_an_existing_file_only_with_force(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.zip"
    kept.write_text("an earlier backup")
    code, said = gavel("backup", kept, "--data", folder)
    assert code == 1
    assert "--force" in said
    assert kept.read_text() == "an earlier backup"
    assert gavel("backup", kept, "--force", "--data", folder)[0] == 0
    assert zipfile.is_zipfile(kept)


def test_a_backup_is_restored_into_an_empty_folder(folder: Path, tmp_path: Path) -> None:
    kept, elsewhere = tmp_path / "kept.zip", tmp_path / "elsewhere"
    gavel("backup", kept, "--data", folder)
    assert gavel("restore", kept, "--data", elsewhere)[0] == 0
    assert _ids(elsewhere) == _ids(folder)
    assert len(list((elsewhere / "packages").glob("*.zip"))) == 1


def test_the_pictures_of_statements_are_in_a_backup(folder: Path, tmp_path: Path) -> None:
    kept, elsewhere = tmp_path / "kept.zip", tmp_path / "elsewhere"
    (package,) = (folder / "packages").glob("*.zip")
    package.with_suffix(".pictures.zip").write_bytes(b"pictures")
    code, said = gavel("backup", kept, "--data", folder)
    assert code == 0, said
    assert gavel("restore", kept, "--data", elsewhere)[0] == 0
    assert (elsewhere / "packages" / f"{package.stem}.pictures.zip").read_bytes() == b"pictures"


def test_restore_is_refused_while_the_server_is_running(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.zip"
    gavel("backup", kept, "--data", folder)
    with DataFolder(folder).lock():
        code, said = gavel("restore", kept, "--data", folder)
    assert code == 1
    assert "is running on the data folder" in said


@pytest.mark.parametrize(("name", "content"), [("../evil", b""), ("gavel.db", b"no database")])
def test_restore_refuses_a_zip_that_is_not_a_backup(
    folder: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    kept, before = tmp_path / "kept.zip", _ids(folder)
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr(name, content)
    assert gavel("restore", kept, "--data", folder)[0] == 1
    assert _ids(folder) == before
    assert not (tmp_path / "evil").exists()


def test_restore_refuses_a_damaged_package(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.zip"
    (package,) = (folder / "packages").iterdir()
    package.write_bytes(b"something else")
    gavel("backup", kept, "--data", folder)
    code, said = gavel("restore", kept, "--data", folder)
    assert code == 1
    assert "does not match its name" in said


def test_a_file_dated_before_1980_is_in_a_backup(folder: Path, tmp_path: Path) -> None:
    kept, elsewhere = tmp_path / "kept.zip", tmp_path / "elsewhere"
    (package,) = (folder / "packages").glob("*.zip")
    os.utime(package, (1, 1))
    code, said = gavel("backup", kept, "--data", folder)
    assert code == 0, said
    assert gavel("restore", kept, "--data", elsewhere)[0] == 0
    assert (elsewhere / "packages" / package.name).read_bytes() == package.read_bytes()


@pytest.mark.parametrize(("place", "content"), [("data", b"\xff" * 8), ("flags", b"\x01")])
def test_restore_reports_a_damaged_backup_and_changes_nothing(
    folder: Path, tmp_path: Path, place: str, content: bytes
) -> None:
    kept, before = tmp_path / "kept.zip", _ids(folder)
    gavel("backup", kept, "--data", folder)
    with zipfile.ZipFile(kept) as archive:
        database, directory = archive.getinfo("gavel.db"), archive.start_dir
    # The local header has 30 bytes before the name. The flags are at byte 8 of an entry of the directory, and
    # the database is the first entry.
    start = database.header_offset + 30 + len("gavel.db") if place == "data" else directory + 8
    with kept.open("r+b") as damaged:
        damaged.seek(start)
        damaged.write(content)
    code, said = gavel("restore", kept, "--data", folder)
    assert code == 1
    assert "is not a backup that can be read" in said
    assert _ids(folder) == before


def test_gavel_purge_only_counts_submissions_with_dry_run_and_otherwise_deletes_them(folder: Path) -> None:
    engine = open_engine(f"sqlite:///{folder}/gavel.db")
    with write_transaction(engine) as connection:
        old = datetime.now(UTC) - timedelta(days=91)
        connection.execute(submissions.update().where(submissions.c.open.is_(False)).values(finished_at=old))
    assert gavel("purge", "--older-than", "90d", "--dry-run", "--data", folder)[1].startswith("1 submissions")
    assert len(_ids(folder)) == 2
    assert gavel("purge", "--older-than", "90d", "--data", folder)[0] == 0
    assert len(_ids(folder)) == 1
    assert gavel("purge", "--older-than", "soon", "--data", folder)[0] == 2


def test_a_backup_goes_on_if_a_problem_is_deleted_meanwhile(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, listed = tmp_path / "kept.zip", backup._packages_in
    deleted = folder / "packages" / f"{'f' * 64}.zip"
    deleted.write_bytes(b"of the problem that is deleted")

    def list_and_delete(root: Path) -> list[Path]:
        found = listed(root)
        deleted.unlink()
        return found

    monkeypatch.setattr(backup, "_packages_in", list_and_delete)
    code, said = gavel("backup", kept, "--data", folder)
    assert code == 0, said
    assert "1 packages" in said
    code, said = gavel("restore", kept, "--data", tmp_path / "elsewhere")
    assert code == 0, said


def test_a_backup_is_made_and_restored_although_a_foreign_file_is_among_the_packages(
    folder: Path, tmp_path: Path
) -> None:
    kept, elsewhere = tmp_path / "kept.zip", tmp_path / "elsewhere"
    (folder / "packages" / "aplusb.zip").write_bytes(b"put here by hand")
    (folder / "packages" / ".half.zip").write_bytes(b"left by a process that was killed")
    code, said = gavel("backup", kept, "--data", folder)
    assert code == 0, said
    assert "1 packages" in said
    code, said = gavel("restore", kept, "--data", elsewhere)
    assert code == 0, said
    assert _ids(elsewhere) == _ids(folder)


def test_backup_and_restore_work_for_a_data_folder_with_a_number_sign_in_its_name(
    folder: Path, tmp_path: Path
) -> None:
    kept, named = tmp_path / "kept.zip", tmp_path / "judge #1"
    folder.rename(named)
    code, said = gavel("backup", kept, "--data", named)
    assert code == 0, said
    code, said = gavel("restore", kept, "--data", named)
    assert code == 0, said
    assert len(_ids(named)) == 2
