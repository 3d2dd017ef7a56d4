"""`gavel problems verify` finds wrong verdicts, wrong inputs, and packages that it cannot read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_api.cli.problem_template import ProblemKind, write_template
from judge_core.languages import load_languages
from judge_core.packages import read_package
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import list_files
from judge_core.packages.package_store import write_zip
from tests.golden.conftest import JudgeFixture
from workers.verify.command import main
from workers.verify.input_validators import InputValidation
from workers.verify.output_validators import answer_faults
from workers.verify.submissions import Match, VerifiedSubmission
from workers.verify.time_margin import margin_warnings, size_warnings
from workers.verify.verdict_record import RecordedVerdict, read_record, write_record

Write = Callable[[dict[str, str]], Path]
GOOD = "print(int(input()) ** 2)\n"


def test_a_package_whose_submissions_get_their_expected_verdicts_passes_verification(package: Write) -> None:
    files = {"submissions/accepted/a.py": GOOD, "submissions/wrong_answer/b.py": "print(5)\n"}
    assert main([str(package(files))]) == 0


def test_a_verdict_that_differs_from_the_recorded_verdict_is_listed_and_fails_verification(
    package: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, file = package({"submissions/accepted/a.py": GOOD}), tmp_path / "verdicts.json"
    assert main([str(folder), "--record", str(file)]) == 0
    kept = read_record(file)
    ((slug, found),) = kept.items()
    assert str(found["accepted/a.py"]).startswith("AC by python3 3.")
    write_record(file, kept, {slug: {"accepted/a.py": RecordedVerdict("TLE", "python3 3.1")}})
    capsys.readouterr()
    assert main([str(folder), "--record", str(file)]) == 1
    assert f"{slug}, accepted/a.py: TLE by python3 3.1 before, AC by python3 3." in capsys.readouterr().out
    assert read_record(file) == kept


@pytest.mark.parametrize(
    "files",
    [
        {"submissions/wrong_answer/b.py": GOOD, "submissions/accepted/a.py": GOOD},
        {"submissions/accepted/a.py": "print(5)\n"},
        {"submissions/wrong_answer/b.py": "print(5)\n"},
        {"submissions/accepted/a.py": GOOD, "input_validators/v.py": "raise SystemExit(43)\n"},
        {
            "submissions/accepted/a.py": GOOD,
            "input_validators/v.py": "raise SystemExit(42)\n",
            "data/invalid_input/bad.in": "x\n",
        },
    ],
    ids=["right-in-wrong", "wrong-in-right", "none-accepted", "input-refused", "invalid-accepted"],
)
def test_a_package_whose_submissions_or_inputs_are_wrong_fails_verification(
    package: Write, files: dict[str, str]
) -> None:
    assert main([str(package(files))]) == 1


@pytest.mark.parametrize("folder", ["input_validators", "output_validators", "answer_validators"])
def test_a_validator_that_does_not_compile_does_not_end_the_verification_of_other_packages(
    package: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    files, metadata = {"submissions/accepted/a.py": GOOD}, "name: X\nlimits: {time_limit: 1}\n"
    custom = f"{metadata}validation: custom\n" if folder == "output_validators" else metadata
    files_of_broken = {**files, "problem.yaml": custom, f"{folder}/v.cpp": "int\n"}
    broken = package(files_of_broken).rename(tmp_path / "broken")
    fine, file = package(files), tmp_path / "verdicts.json"
    assert main([str(broken), str(fine), "--record", str(file)]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert f"{folder}/v.cpp does not compile" in out
    assert read_record(file)[fine.name]["accepted/a.py"].verdict == "AC"


def test_verify_with_a_record_refuses_two_packages_with_the_same_slug(
    package: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / "old" / "sum", tmp_path / "new" / "sum"]
    for folder in folders:
        folder.parent.mkdir()
        package({"submissions/accepted/a.py": GOOD}).rename(folder)
    with pytest.raises(SystemExit) as ended:
        main([*map(str, folders), "--record", str(tmp_path / "verdicts.json")])
    assert ended.value.code == 2
    assert "two packages have the slug sum" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "verdicts.json").exists()
    assert main([*map(str, folders)]) == 0


def test_verify_with_all_tests_finds_a_failure_on_a_later_test(package: Write) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_limit: 1}\n",
        "data/secret/1.in": "2\n",
        "data/secret/1.ans": "4\n",
        "data/secret/2.in": "x\n",
        "data/secret/2.ans": "x\n",
        "submissions/accepted/a.py": "n = input()\nprint(4 if n == '2' else n)\n",
        "submissions/wrong_answer/b.py": "print(int(input()) + 1)\n",
    }
    folder = package(files)
    assert main([str(folder)]) == 0
    assert main([str(folder), "--all-tests"]) == 1


def test_a_package_that_cannot_be_read_is_reported_with_its_errors(
    package: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(package({"problem.yaml": "limits: {memory: lots}\n"}))]) == 2
    assert "problem.yaml:1: limits.memory: must be a number" in capsys.readouterr().out


def test_input_validators_get_the_flags_of_their_test(judging: JudgeFixture, package: Write) -> None:
    validator = "import sys\nsys.exit(42 if sys.argv[1:] == ['--max', '9'] else 1)\n"
    files = {"input_validators/v.py": validator, "data/testdata.yaml": "input_validator_flags: --max 9\n"}
    assert list(InputValidation(judging.judge.context).faults(read_package(package(files)))) == []


def test_input_validators_find_the_files_of_their_folder(judging: JudgeFixture, package: Write) -> None:
    validator = "import sys\nsys.exit(42 if sys.stdin.read() in open('allowed.txt').read() else 43)\n"
    folder = {"input_validators/v/main.py": validator, "input_validators/v/allowed.txt": "1\n2\n"}
    assert list(InputValidation(judging.judge.context).faults(read_package(package(folder)))) == []


def test_a_missing_time_limit_is_calibrated_from_the_accepted_submissions(
    judging: JudgeFixture, package: Write
) -> None:
    busy = "import time\nwhile time.process_time() < {}: pass\nprint(int(input()) ** 2)\n"
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nlimits: {time_resolution: 0.1}\n",
        "submissions/accepted/a.py": busy.format(0.12),
        "submissions/accepted/b.py": GOOD,
    }
    folder = package(files)
    assert judging.submit(folder, busy.format(0.2)).verdict.value == "AC"
    slow = judging.submit(folder, busy.format(0.6))
    assert slow.tests[0].detail == "CPU time: more than 0.3 s"


REFUSES = """
import sys
sys.exit(42 if sys.stdin.read().split() == ["4"] else 43)
"""


def with_answer(package: Write, folder: str, answer: str, kind: str = "custom") -> Path:
    files = {
        "problem.yaml": f"name: X\nvalidation: {kind}\nlimits: {{time_limit: 1, memory: 256}}\n",
        "submissions/accepted/a.py": GOOD,
        "output_validators/v.py": REFUSES,
        f"data/{folder}/2.in": "2\n",
        f"data/{folder}/2.ans": answer,
    }
    return package(files)


@pytest.mark.parametrize(
    ("place", "answer", "ending", "words"),
    [
        ("sample", "4\n", 0, ""),
        ("sample", "5\n", 1, "answer data/sample/2.ans is refused by the output validator"),
        ("secret", "5\n", 0, "warning data/secret/2.ans is refused by the output validator"),
    ],
    ids=["right", "sample", "secret"],
)
def test_verify_runs_the_output_validator_on_the_answers(
    package: Write, capsys: pytest.CaptureFixture[str], place: str, answer: str, ending: int, words: str
) -> None:
    assert main([str(with_answer(package, place, answer))]) == ending
    printed = capsys.readouterr().out
    assert words in printed
    assert words or "is refused" not in printed


def test_answers_of_interactive_problems_are_not_checked(judging: JudgeFixture, package: Write) -> None:
    folder = with_answer(package, "sample", "5\n", "custom interactive")
    assert list(answer_faults(read_package(folder), judging.judge.context)) == []


@pytest.mark.parametrize(
    ("grammar", "words"),
    [
        ("INT(0, 10) NEWLINE EOF\n", []),
        ("INT(3, 10) NEWLINE EOF\n", ["secret/1.in: input_validators/format.ctd refuses it (exit code 43)"]),
        ("INT(0, NEWLINE\n", ["secret/1.in: input_validators/format.ctd refuses it (exit code 2)"]),
    ],
    ids=["fits", "out-of-range", "no-grammar"],
)
def test_inputs_must_match_a_grammar_of_checktestdata(
    judging: JudgeFixture, package: Write, grammar: str, words: list[str]
) -> None:
    faults = list(
        InputValidation(judging.judge.context).faults(
            read_package(package({"input_validators/format.ctd": grammar}))
        )
    )
    assert [fault[: len(word)] for fault, word in zip(faults, words, strict=True)] == words


def test_verify_accepts_a_zip_and_refuses_a_damaged_zip(package: Write, tmp_path: Path) -> None:
    folder = package({"submissions/accepted/a.py": GOOD})
    with (tmp_path / "some.zip").open("wb") as out:
        write_zip(list_files(folder, Diagnostics()), "some", out)
    assert main([str(tmp_path / "some.zip")]) == 0
    (tmp_path / "torn.zip").write_bytes(b"PK")
    assert main([str(tmp_path / "torn.zip")]) == 2


def test_verify_refuses_a_folder_that_is_not_a_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "README.md").write_text("hello")
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path / "README.md")])
    assert "none of these is a package" in capsys.readouterr().err


@pytest.mark.parametrize(("size", "faults"), [(400_000, []), (600_000, [False]), (1_100_000, [True])])
def test_an_answer_larger_than_the_output_limit_is_a_fault_of_the_package(
    package: Write, size: int, faults: list[bool]
) -> None:
    files = {
        "problem.yaml": "name: X\nlimits: {output: 1}\n",
        "data/secret/2.in": "",
        "data/secret/2.ans": "x" * size,
    }
    warnings = list(size_warnings(read_package(package(files))))
    assert [fault for fault, _ in warnings] == faults


@pytest.mark.slow_on("function", "multi")
@pytest.mark.parametrize("kind", list(ProblemKind))
def test_a_package_made_by_gavel_problems_new_passes_verification(
    judging: JudgeFixture, capsys: pytest.CaptureFixture[str], kind: ProblemKind
) -> None:
    folder = judging.root / "packages" / f"fresh-{kind}"
    write_template(folder, kind)
    assert main([str(folder)]) == 0
    assert "warning" not in capsys.readouterr().out


def result(name: str, verdict: str, slowest_ms: int, language: str = "cpp17") -> VerifiedSubmission:
    return VerifiedSubmission(name, Match.GOOD, verdict, verdict, language, slowest_ms)


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (result("accepted/a", "AC", 499), []),
        (result("accepted/a", "AC", 501), ["accepted/a needs 50% of its time limit"]),
        (result("time_limit_exceeded/t", "TLE", 1050), ["time_limit_exceeded/t is too slow by 5% only"]),
        (result("time_limit_exceeded/t", "TLE", 1150), []),
        (result("time_limit_exceeded/cut", "TLE", 1101), []),
        (result("time_limit_exceeded/sleeps", "TLE", 3), []),
        (result("wrong_answer/w", "WA", 900), []),
    ],
)
def test_verify_warns_about_a_time_limit_without_margin(each: VerifiedSubmission, words: list[str]) -> None:
    warnings = list(margin_warnings(1.0, [each], load_languages()))
    assert [line.split(":")[0] for line in warnings] == words
    assert list(margin_warnings(None, [each], load_languages())) == []


@pytest.mark.parametrize(
    "folder",
    ["course+exam2", *(pytest.param(name, marks=pytest.mark.slow) for name in ("Größte Summe", "a.b", "-x"))],
)
def test_a_package_in_a_folder_whose_name_is_not_a_slug_is_verified_under_the_problem_s_name(
    tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_template(tmp_path / folder)
    main([str(tmp_path / folder)])
    assert "is no slug: read as" in capsys.readouterr().out
    main(["--name", "mine", str(tmp_path / folder)])
    printed = capsys.readouterr().out
    assert "mine: " in printed
    assert "is no slug" not in printed


SPINS = "input()\nprint(-1, flush=True)\nwhile True:\n    pass\n"
ECHO = """import sys
wanted = open(sys.argv[1]).read().strip()
print(wanted, flush=True)
sys.exit(42 if sys.stdin.readline().strip() == wanted else 43)
"""


@pytest.mark.parametrize("folder", ["wrong_answer", "mixed"])
def test_a_wrong_program_that_loops_after_its_verdict_does_not_count_for_the_time_limit(
    package: Write, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2025-09\nname: X\nuuid: 1\ntype: interactive\n",
        "output_validator/v.py": ECHO,
        "submissions/accepted/echo.py": "print(input(), flush=True)\n",
        f"submissions/{folder}/spin.py": SPINS,
    }
    assert main([str(package(files))]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "time limit 1 s (calibrated here)" in printed
    assert "accepted/echo.py needs 0.0" in printed


def test_a_time_limit_is_calibrated_with_the_flag_accept_if_any_accepted(
    package: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "problem.yaml": "name: X\ntype: scoring\n",
        "data/testdata.yaml": "on_reject: continue\n",
        "data/secret/testdata.yaml": "on_reject: continue\ngrader_flags: accept_if_any_accepted\n",
        **{f"data/secret/g{n}/{n}.{end}": f"{n}\n" for n in (1, 2) for end in ("in", "ans")},
        "submissions/accepted/any.py": "print(1)\n",
    }
    assert main([str(package(files))]) == 0
    assert "time limit 1 s (calibrated here)" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("source", "reason"),
    [("print(5)\n", "does not count"), ("}\n", "does not compile"), (None, "has no accepted")],
)
def test_a_time_limit_that_cannot_be_found_is_a_fault_with_the_reason(
    package: Write, capsys: pytest.CaptureFixture[str], source: str | None, reason: str
) -> None:
    files = {"problem.yaml": "name: X\n"} | ({"submissions/accepted/a.py": source} if source else {})
    assert main([str(package(files))]) == 1
    printed = capsys.readouterr().out
    assert "no time limit was found, so 10 s is used" in printed
    assert reason in printed


def test_verify_reports_a_test_that_no_sandbox_can_run(
    package: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ", ".join(f'"{number}"' for number in range(1_100))
    settings = f"args: [{arguments}]\n"
    folder = package({"submissions/accepted/a.py": GOOD, "data/secret/test_group.yaml": settings})
    assert main([str(folder)]) == 1
    assert "no sandbox can do" in " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_verify_prints_control_characters_as_text(package: Write, capsys: pytest.CaptureFixture[str]) -> None:
    validator = "import sys\nprint('a\\x1b[2Jb', file=sys.stderr)\nraise SystemExit(43)\n"
    folder = package({"submissions/accepted/a.py": GOOD, "input_validators/v.py": validator})
    assert main([str(folder)]) == 1
    printed = capsys.readouterr().out
    assert "\x1b[2J" not in printed
    assert "a\\x1b[2Jb" in printed
