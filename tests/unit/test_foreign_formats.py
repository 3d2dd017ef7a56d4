"""The import of other judges' formats refuses hostile, incomplete and odd packages, and names the place and
the fix."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from judge_core.packages import BrokenPackage, read_package
from judge_core.packages.formats import ForeignFormat, import_problems
from judge_core.packages.formats.languages import file_name
from judge_core.packages.formats.source import decode
from judge_core.packages.formats.xml_tree import parse_xml
from judge_core.packages.spec import best_score
from tests.fuzz.imports import Importer

FPS_ITEM = """<item><title>T</title>
<time_limit unit="s">1</time_limit><memory_limit unit="mb">64</memory_limit>
<description>d</description><test_input>1</test_input><test_output>1</test_output>{more}</item>"""
LAUGHS = "[&a [x, x], &b [*a, *a], &c [*b, *b], [*c, *c]]"
TESTS = {"1.in": "1\n", "1.out": "1\n", "2.in": "2\n", "2.out": "2\n"}


def laid(place: Path, files: dict[str, str | bytes]) -> Path:
    folder = place / "given"
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def refusal(path: Path, place: Path) -> str:
    with pytest.raises(BrokenPackage) as caught:
        import_problems(path, place / "out")
    assert not (place / "out").exists() or not list((place / "out").iterdir())
    return "\n".join(map(str, caught.value.faults))


def polygon_xml(**changes: str) -> str:
    parts = {
        "head": "",
        "limits": "<time-limit>1000</time-limit><memory-limit>268435456</memory-limit>",
        "patterns": "<input-path-pattern>tests/%02d</input-path-pattern>"
        "<answer-path-pattern>tests/%02d.a</answer-path-pattern>",
        "tests": '<tests><test method="manual"/></tests>',
        "assets": '<checker name="std::wcmp.cpp"><source path="files/check.cpp"/></checker>',
        **changes,
    }
    testset = f"<testset name='tests'>{parts['limits']}{parts['patterns']}{parts['tests']}</testset>"
    return (
        f"{parts['head']}<problem short-name='p'><names><name language='english' value='P'/></names>"
        f"<judging>{testset}</judging><assets>{parts['assets']}</assets></problem>"
    )


POLYGON_TESTS: dict[str, str | bytes] = {"tests/01": "1\n", "tests/01.a": "1\n"}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares an entity"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "declares an entity"),
        (b"<a>" * 60 + b"</a>" * 60, "within each other"),
        (b"<a>" + b"<b/>" * 200_001 + b"</a>", "more than 200000 elements"),
        (b"<a>\n<b></a>", "x.xml:2: is not XML: mismatched tag"),
        (b"<a>\x00</a>", "is not XML"),
        (b'<?xml version="1.0" encoding="gb2312"?><a>\xff\xff</a>', "is not in gb2312"),
        (b"", "is not XML"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "unknown encoding"),
    ],
    ids=["entities", "external", "deep", "wide", "broken", "nul", "encoding", "empty", "unknown"],
)
def test_hostile_xml_is_refused_with_the_reason(document: bytes, words: str) -> None:
    with pytest.raises(BrokenPackage, match=words):
        parse_xml(document, "x.xml")


def test_xml_is_read_in_its_declared_encoding() -> None:
    document = '<?xml version="1.0" encoding="GBK"?><a>大</a>'.encode("gbk")
    assert parse_xml(document, "x.xml").text == "大"


@pytest.mark.parametrize(
    ("content", "charset", "text", "encoding"),
    [
        ("дa".encode("utf-8-sig"), "", "дa", "utf-8-sig"),
        ("дa".encode("utf-16"), "", "дa", "utf-16"),
        ("дa".encode("windows-1251"), "windows-1251", "дa", "cp1251"),
        ("大".encode("gb18030"), "", "大", "gb18030"),
        (b"\xff\x80", "no-such-charset", "ÿ€", "windows-1252"),
        *(
            (b"\xff\x80\\ud800", name, "ÿ€\\ud800", "windows-1252")
            for name in ("undefined", "unicode_escape", "idna", "punycode", "base64", "a\0b", "é", "x" * 99)
        ),
    ],
)
def test_the_encoding_of_a_text_is_recognised(content: bytes, charset: str, text: str, encoding: str) -> None:
    assert decode(content, charset) == (text, encoding)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"readme.txt": "x"}, "is in no format that can be imported; the formats are polygon, dmoj"),
        (
            {"problem.xml": polygon_xml(), "tests/01": "1"},
            "tests/01.a: is missing: download the full package",
        ),
        ({"problem.xml": polygon_xml(patterns=""), **POLYGON_TESTS}, "input-path-pattern: is ''"),
        (
            {
                "problem.xml": polygon_xml(
                    patterns="<input-path-pattern>%s%s%n</input-path-pattern>"
                    "<answer-path-pattern>%d</answer-path-pattern>"
                ),
                **POLYGON_TESTS,
            },
            "must be a path with one number",
        ),
        (
            {
                "problem.xml": polygon_xml(
                    limits="<time-limit>1e999</time-limit><memory-limit>1</memory-limit>"
                ),
                **POLYGON_TESTS,
            },
            "judging.testset.time-limit",
        ),
        ({"problem.xml": polygon_xml(assets=""), **POLYGON_TESTS}, "names no checker"),
        (
            {
                "problem.xml": polygon_xml(assets='<checker><source path="files/check.cpp"/></checker>'),
                "files/check.cpp": '#include "testlib.h"\n',
                **POLYGON_TESTS,
            },
            "files/check.cpp: includes testlib.h, which is not in the package",
        ),
        ({"problem.xml": "<project/>"}, "begins with <project>"),
        ({"init.yml": "test_cases: [{in: ../../etc/passwd}]\n"}, "../../etc/passwd: is missing"),
        ({"init.yml": "test_cases: [{out: a}]\n", "a": ""}, r"test_cases[0].in: is missing"),
        ({"init.yml": "generator: gen.py\ntest_cases: []\n"}, "generator: its tests are made by a generator"),
        ({"init.yml": "test_cases++: \"['a']\"\n"}, "has no tests"),
        ({"init.yml": "archive: a.zip\ntest_cases: []\n", "a.zip": b"PK\x03\x04"}, "is not a readable zip"),
        (
            {"init.yml": "test_cases: {input_format: '((a+)+)+$'}\n", "a": "a"},
            "your own pattern is not run",
        ),
        (
            {"init.yml": "checker: linecount\ntest_cases: [{in: 1.in, out: 1.out}]\n", **TESTS},
            "'linecount' cannot",
        ),
        ({"init.yml": "a: [\n"}, "init.yml:2: is not YAML"),
        ({"init.yml": "a: &a {b: 1}\nc: {<<: [*a, *a]}\n"}, "merge keys (<<) are not read"),
        ({"init.yml": f"checker: {LAUGHS}\n"}, "checker: must be a text"),
        ({"init.yml": f"test_cases: {{case_points: [{LAUGHS}]}}\n", **TESTS}, "case_points: must be numbers"),
        ({"init.yml": f"archive: 0x{'f' * 5000}\n"}, "archive: is a number of too many digits"),
        (
            {
                "problem.yaml": "title: T\n",
                "testdata/config.yaml": "time: soon\n",
                "testdata/1.in": "",
                "testdata/1.out": "",
            },
            "'soon' is no time such as 1s",
        ),
        ({"problem.yaml": "title: T\n", "testdata/config.yaml": "type: objective\n"}, "an objective problem"),
        ({"problem.yaml": "title: T\n", "testdata/readme": ""}, "testdata: has no tests"),
        ({"1/problem.json": "{"}, "1/problem.json:1: is not JSON"),
        ({"1/problem.json": "[]"}, "must be a map of keys"),
        ({"1/problem.json": '{"time_limit": -5}'}, "time_limit"),
        ({"1/problem.json": "[" * 100_000}, "nested too deep"),
        ({"problem_1.json": json.dumps({"samples": []}), "problem_1/1.in": ""}, "samples: names no tests"),
        ({"a.xml": "<fps></fps>"}, "has no <item> of FPS"),
        (
            {"a.xml": f"<fps>{FPS_ITEM.format(more='<test_input>2</test_input>')}</fps>"},
            "has 2 <test_input> and 1",
        ),
        ({"a.xml": f"<fps>{FPS_ITEM.format(more='<append>x</append>')}</fps>"}, "code around the submission"),
        ({"task.yaml": "name: t\nn_input: 1\ninfile: ''\n"}, "input/input0.txt: is missing"),
        ({"task.yaml": "name: t\nn_input: 0\n"}, "n_input: has 0 tests"),
        (
            {"task.yaml": "name: t\nn_input: 3\n", "gen/GEN": "#ST: 100\n1\n"},
            "gen/GEN: has 1 tests, and task.yaml says n_input: 3",
        ),
        ({"task.yaml": "name: t\nn_input: 1\n", "gen/GEN": "#ST: all\n1\n"}, "names no points of a subtask"),
        ({"task.yaml": "name: t\nn_input: 1\n", "gen/GEN": "#ST: 10²\n1\n"}, "names no points of a subtask"),
        (
            {"task.yaml": "name: t\nn_input: 1\n", "gen/GEN": f"#ST: {'1' * 5000}\n1\n"},
            "names no points of a subtask",
        ),
        (
            {"init.yml": "test_cases: [{in: 1.in, out: 1.out, checker: sorted}]\n", **TESTS},
            "test_cases[0].checker: one case or batch has a checker of its own",
        ),
        (
            {"init.yml": "points: 1\n", "easy1.in": "", "easy1.out": "", "hard1.in": "", "hard1.out": ""},
            "hard1.in: has the numbers of easy1.in: name the cases one by one",
        ),
        (
            {"p/problem.json": '{"title": "\\ud83d"}'},
            "p/problem.json: a text has half a surrogate pair",
        ),
        (
            {"problem.yaml": 'title: T\ncontent: "\\ud83d"\n', "testdata/1.in": "1"},
            "half a surrogate pair",
        ),
        (
            {
                "problem.yaml": 'title: T\ncontent: \'{"en": "\\ud83d"}\'\n',
                "testdata/1.in": "1",
                "testdata/1.out": "1",
            },
            "content: has half a surrogate pair",
        ),
        ({"task.yaml": "name: t\nn_input: 1\n", "check/manager": "x"}, "a communication task"),
        (
            {
                "task.yaml": "name: t\nn_input: 1\n",
                "input/input0.txt": "1",
                "output/output0.txt": "1",
                "cor/correttore": b"\x7fELF",
            },
            "cor/correttore: is a compiled program: put its source beside it",
        ),
    ],
)
def test_an_import_is_refused_with_the_part_that_cannot_be_imported(
    tmp_path: Path, files: dict[str, str | bytes], words: str
) -> None:
    assert words in refusal(laid(tmp_path, files), tmp_path)


def test_a_zip_bomb_and_odd_paths_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("init.yml", "test_cases: []\n")
        archive.writestr("zeros", b"\0" * (200 << 20))
    assert "refused as a zip bomb" in refusal(bomb, tmp_path)
    odd = tmp_path / "odd.zip"
    with zipfile.ZipFile(odd, "w") as archive:
        archive.writestr("../escape", "x")
        archive.writestr("/absolute", "x")
    faults = refusal(odd, tmp_path)
    assert "../escape: is not a plain path" in faults and "/absolute: is not a plain path" in faults
    (tmp_path / "torn.zip").write_bytes(bomb.read_bytes()[:2000])
    assert "torn.zip: is not a readable zip" in refusal(tmp_path / "torn.zip", tmp_path)


def test_a_zip_bomb_within_an_imported_package_is_refused(tmp_path: Path) -> None:
    folder = laid(tmp_path, {"init.yml": "archive: data.zip\ntest_cases: [{in: a, out: b}]\n"})
    with zipfile.ZipFile(folder / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * (200 << 20))
    assert "refused as a zip bomb" in refusal(folder, tmp_path)


def test_an_import_refuses_a_link_that_leads_out_of_the_package(tmp_path: Path) -> None:
    folder = laid(tmp_path, {"init.yml": "test_cases: [{in: a, out: a}]\n"})
    (folder / "a").symlink_to("/etc/hostname")
    assert "a: is a link that leads out of the package" in refusal(folder, tmp_path)


def test_an_existing_package_is_not_overwritten(tmp_path: Path) -> None:
    folder = laid(tmp_path, {"init.yml": "test_cases: [{in: 1.in, out: 1.out}]\n", **TESTS})
    import_problems(folder, tmp_path / "out", name="mine")
    with pytest.raises(BrokenPackage, match="exists already: give another folder with -o, or a name"):
        import_problems(folder, tmp_path / "out", name="mine")


@pytest.mark.parametrize(
    ("config", "flags"),
    [
        ("", ("case_sensitive",)),
        ("checker: identical\n", ("case_sensitive", "space_change_sensitive")),
        ("checker: {name: floats, args: {precision: 4}}\n", ("case_sensitive", "float_tolerance", "1e-4")),
        (
            "checker: {name: floats, args: {error_mode: absolute}}\n",
            ("case_sensitive", "float_absolute_tolerance", "1e-6"),
        ),
        ("checker: floatsrel\n", ("case_sensitive", "float_relative_tolerance", "1e-6")),
    ],
)
def test_a_checker_of_dmoj_becomes_flags_of_the_default_validator_if_they_exist(
    tmp_path: Path, config: str, flags: tuple[str, ...]
) -> None:
    folder = laid(tmp_path, {"init.yml": f"{config}test_cases: [{{in: 1.in, out: 1.out}}]\n", **TESTS})
    [problem] = import_problems(folder, tmp_path / "out")
    assert read_package(problem.folder).cases[0].settings.validator_flags == flags


@pytest.mark.parametrize("checker", ["sorted", "unordered", "easy", "rstripped"])
def test_checkers_of_dmoj_without_an_equal_flag_become_validator_programs(
    tmp_path: Path, checker: str
) -> None:
    text = f"checker: {checker}\ntest_cases: [{{in: 1.in, out: 1.out}}]\n"
    [problem] = import_problems(laid(tmp_path, {"init.yml": text, **TESTS}), tmp_path / "out")
    program = (problem.folder / "output_validator/compare.py").read_text()
    compile(program, "compare.py", "exec")


def test_tests_of_dmoj_are_found_and_grouped_by_their_file_names(tmp_path: Path) -> None:
    names = ("test.1.1", "test.1.2", "test.2.1")
    tests = {f"{name}.{end}": f"{name}\n" for name in names for end in ("in", "out")}
    folder = laid(tmp_path, {"init.yml": "test_cases: {}\n", **tests})
    [problem] = import_problems(folder, tmp_path / "out")
    package = read_package(problem.folder)
    assert package.metadata.type.scoring
    assert [case.name for case in package.cases] == [
        "secret/group01/001",
        "secret/group01/002",
        "secret/group02/001",
    ]


def test_points_of_a_dmoj_case_that_are_not_a_finite_number_are_refused(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "init.yml": "test_cases: {case_points: [.nan]}\n",
        "1.in": "1",
        "1.out": "1",
    }
    assert "case_points: " in refusal(laid(tmp_path, files), tmp_path)


def test_tests_of_hydro_are_found_and_ordered_by_the_numbers_in_their_file_names(tmp_path: Path) -> None:
    tests = {f"testdata/a{name}.{end}": f"{name}\n" for name in ("1", "2", "10") for end in ("in", "out")}
    files: dict[str, str | bytes] = {"problem.yaml": "title: T\npid: A1\n", **tests}
    [problem] = import_problems(laid(tmp_path, files), tmp_path / "out")
    package = read_package(problem.folder)
    assert [case.input.read_text() for case in package.cases] == ["1\n", "2\n", "10\n"]
    assert (package.metadata.limits.time, package.metadata.limits.memory) == (1.0, 256)


@pytest.mark.parametrize(
    "pairs",
    [
        ("data.in1 data.out1", "data.in2 data.out2", "data.in10 data.out10"),
        ("data.IN1 data.OUT1", "data.IN2 data.OU2"),
        ("input.in1 output.out1", "input.in2 output.ou2"),
        ("1-small.in 1-small.out", "2_big.in 2_big.ans", "10-x.in 10-x.out"),
        ("1.IN.TXT 1.OUT.TXT", "2.TXT 2.ANS"),
        ("input1.in output1.out", "input2.txt output2.txt", "INPUT3.IN OUTPUT3.ANS"),
    ],
)
def test_tests_of_hydro_are_found_under_every_kind_of_name_that_hydro_accepts(
    tmp_path: Path, pairs: tuple[str, ...]
) -> None:
    files: dict[str, str | bytes] = {"problem.yaml": "title: T\npid: A1\n"}
    for number, pair in enumerate(pairs):
        given, output = pair.split()
        files |= {f"testdata/{given}": f"{number}\n", f"testdata/{output}": f"out {number}\n"}
    [problem] = import_problems(laid(tmp_path, files), tmp_path / "out")
    cases = read_package(problem.folder).cases
    read = [(case.input.read_text(), case.answer and case.answer.read_text()) for case in cases]
    assert read == [(f"{number}\n", f"out {number}\n") for number in range(len(pairs))]


def test_several_problems_of_hydro_are_imported_together(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"{pid}/{name}": text
        for pid in ("P1", "P2")
        for name, text in {
            "problem.yaml": f"title: T\npid: {pid}\n",
            "testdata/1.in": "1",
            "testdata/1.out": "1",
        }.items()
    }
    problems = import_problems(laid(tmp_path, files), tmp_path / "out")
    assert [each.folder.name for each in problems] == ["p1", "p2"]


def test_a_markdown_statement_of_qduoj_is_imported_as_markdown(tmp_path: Path) -> None:
    def part(text: str) -> dict[str, str]:
        return {"format": "markdown", "value": text}

    problem = {
        "title": "T",
        "description": part("Print **n**."),
        "input_description": part("n"),
        "output_description": part(""),
        "test_case_score": [{"input_name": "1.in", "output_name": "1.out", "score": 1}],
    }
    tests = {f"1/testcase/{name}": text for name, text in TESTS.items()}
    folder = laid(tmp_path, {"1/problem.json": json.dumps(problem), **tests})
    [imported] = import_problems(folder, tmp_path / "out")
    assert (imported.folder / "statement/problem.en.md").read_text() == "Print **n**.\n\n## Input\n\nn"


def test_a_grader_of_cms_is_imported_as_a_driver(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "task.yaml": "name: t\nn_input: 1\n",
        "input/input0.txt": "1\n",
        "output/output0.txt": "1\n",
        "sol/grader.cpp": "int f(int);\nint main() {}\n",
        "sol/t.h": "int f(int);\n",
        "sol/grader.pas": "",
        "sol/solution.cpp": "int f(int n) { return n; }\n",
    }
    [problem] = import_problems(laid(tmp_path, files), tmp_path / "out")
    included = sorted(path.name for path in (problem.folder / "include/cpp").iterdir())
    assert included == ["main.cpp", "t.h"]
    assert any("sol/grader.pas: not carried over" in str(note) for note in problem.notes)
    assert not any("infile" in str(note) for note in problem.notes)


def test_a_legacy_package_with_a_custom_grader_stays_in_the_legacy_format(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "problem.yaml": "name: X\ntype: scoring\n",
        "data/secret/1.in": "1\n",
        "data/secret/1.ans": "1\n",
        "data/testdata.yaml": "grading: custom\n",
        "graders/grade.py": "import sys\nsys.exit(0)\n",
    }
    [problem] = import_problems(laid(tmp_path, files), tmp_path / "out")
    assert (problem.folder / "graders/grade.py").is_file()
    assert any("stays in the legacy format" in str(note) for note in problem.notes)


def test_a_package_of_domjudge_is_recognised_by_its_ini(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "domjudge-problem.ini": "timelimit='3'\nname=Hello\n",
        "problem.pdf": b"%PDF-1.4\n",
        "data/secret/1.in": "1\n",
        "data/secret/1.ans": "1\n",
        "submissions/accepted/a.py": "print(input())\n",
    }
    [problem] = import_problems(laid(tmp_path, files), tmp_path / "out")
    package = read_package(problem.folder)
    assert problem.format is ForeignFormat.DOMJUDGE
    assert package.metadata.limits.time == 3 and package.metadata.names == {"en": "Hello"}
    assert (problem.folder / "statement/problem.en.pdf").is_file()


def test_sixty_randomly_damaged_packages_are_imported_or_refused_without_another_error(
    tmp_path: Path,
) -> None:
    importer = Importer(tmp_path, seed=1)
    for _ in range(60):
        importer.run()


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("C++", "a.cpp"),
        ("C++ With O2", "a.cpp"),
        ("GNU C++17", "a.cpp"),
        ("C++17", "a.cpp"),
        ("Python3", "a.py"),
        ("Python2", None),
        ("Golang", "a.go"),
        ("JavaScript", "a.js"),
        ("Java", "a.java"),
        ("Brainfuck", None),
        ("", None),
    ],
)
def test_other_judges_names_of_languages_give_the_right_file_ending(language: str, name: str | None) -> None:
    assert file_name("a", language) == name


def written(place: Path, files: dict[str, str | bytes]) -> tuple[Path, str]:
    """The package of one imported problem, and the notes about it."""
    [problem] = import_problems(laid(place, files), place / "out")
    return problem.folder, "\n".join(map(str, problem.notes))


def test_a_precision_of_zero_in_a_dmoj_checker_stays_zero(tmp_path: Path) -> None:
    checker = "checker: {name: floats, args: {precision: 0}}\n"
    folder, _ = written(tmp_path, {"init.yml": f"{checker}test_cases: [{{in: 1.in, out: 1.out}}]\n", **TESTS})
    assert read_package(folder).cases[0].settings.validator_flags[-1] == "1e-0"


def test_a_case_of_dmoj_may_be_in_the_folder_beside_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr("1.in", "1\n")
        archive.writestr("1.out", "1\n")
    packed = (tmp_path / "data.zip").read_bytes()
    cases = "test_cases: [{in: 1.in, out: 1.out}, {in: 2.in, out: 2.out}]\n"
    folder, _ = written(
        tmp_path, {"init.yml": f"archive: data.zip\n{cases}", "data.zip": packed, "2.in": "2", "2.out": "2"}
    )
    assert [case.input.read_text().strip() for case in read_package(folder).cases] == ["1", "2"]


HYDRO: dict[str, str | bytes] = {"problem.yaml": "title: T\npid: A1\n"}


@pytest.mark.parametrize("given", ["{output: 1.out}", "{input: /dev/null, output: 1.out}"])
def test_a_test_of_hydro_without_input_gets_an_empty_input(tmp_path: Path, given: str) -> None:
    config = {"testdata/config.yaml": f"cases: [{given}]\n", "testdata/1.out": "1\n"}
    folder, _ = written(tmp_path, {**HYDRO, **config})
    assert [case.input.read_bytes() for case in read_package(folder).cases] == [b""]


def test_a_hydro_problem_whose_files_name_a_single_subtask_has_no_partial_scores(tmp_path: Path) -> None:
    tests = {f"testdata/a1-{name}.{end}": f"{name}\n" for name in ("1", "2") for end in ("in", "out")}
    folder, _ = written(tmp_path, {**HYDRO, **tests})
    assert not read_package(folder).metadata.type.scoring


def test_a_hydro_statement_of_many_brackets_is_imported_as_text(tmp_path: Path) -> None:
    tests = {"testdata/1.in": "1", "testdata/1.out": "1"}
    folder, _ = written(tmp_path, {"problem.yaml": f"title: T\ncontent: '{'[' * 50_000}'\n", **tests})
    assert (folder / "statement/problem.zh.md").read_text().startswith("[[[")


def test_a_checker_whose_file_name_has_blanks_is_quoted_in_the_build_script(tmp_path: Path) -> None:
    config = 'checker_type: lemon\nchecker: "my checker (1).cpp"\n'
    files = {f"testdata/{name}": "1\n" for name in ("1.in", "1.out", "my checker (1).cpp")}
    folder, _ = written(tmp_path, {**HYDRO, "testdata/config.yaml": config, **files})
    build = (folder / "output_validator/build").read_text()
    assert "-o checker 'my checker (1).cpp'\n" in build


def test_an_import_of_more_than_500_problems_at_once_is_refused(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"p{at}/problem.yaml": "title: T\n" for at in range(501)}
    assert "is in the folders of 501 problems; at most 500 are imported at once" in refusal(
        laid(tmp_path, {**files, "p0/testdata/1.in": ""}), tmp_path
    )


def test_a_package_with_files_of_another_format_below_it_keeps_its_own_format(tmp_path: Path) -> None:
    files = {"problem.yaml": "name: X\n", "data/secret/1.in": "1", "data/secret/1.ans": "1"}
    [problem] = import_problems(
        laid(tmp_path, {**files, "attachments/polygon/problem.xml": "<problem/>"}), tmp_path / "out"
    )
    assert problem.format is ForeignFormat.KATTIS


@pytest.mark.parametrize("title", ["2024-01-01", "No", "on", "12"])
def test_a_title_that_looks_like_a_date_a_number_or_a_boolean_is_imported_as_text(
    tmp_path: Path, title: str
) -> None:
    problem: dict[str, str | bytes] = {"problem.yaml": f"title: {title}\npid: A1\ntag: [{title}]\n"}
    folder, _ = written(tmp_path, {**problem, "testdata/1.in": "1", "testdata/1.out": "1"})
    metadata = read_package(folder).metadata
    assert (list(metadata.names.values()), metadata.keywords) == ([title], (title,))


@pytest.mark.parametrize(("word", "meant"), [("yes", True), ("True", True), ("no", False), ("off", False)])
def test_a_flag_of_cms_may_be_any_boolean_word_of_yaml(tmp_path: Path, word: str, meant: bool) -> None:
    task = f"name: t\nn_input: 1\noutput_only: {word}\n"
    folder, _ = written(tmp_path, {"task.yaml": task, "input/input0.txt": "1", "output/output0.txt": "1"})
    assert read_package(folder).metadata.type.submit_answer is meant


@pytest.mark.parametrize(("line", "points"), [("", 100), ("total_value: 40\n", 40), ("total_value: 0\n", 0)])
def test_a_task_of_cms_gives_its_total_value(tmp_path: Path, line: str, points: float) -> None:
    task = f"name: t\nn_input: 1\n{line}"
    folder, _ = written(tmp_path, {"task.yaml": task, "input/input0.txt": "1", "output/output0.txt": "1"})
    assert best_score(read_package(folder)) == points
