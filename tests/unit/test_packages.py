"""Packages of both formats are read. All warnings and faults of a package are reported together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.model.problem import ProblemSpec
from judge_core.packages import BrokenPackage, PackageStore, inspect_package, read_package
from judge_core.packages.group_settings import Aggregation, OnReject, VerdictMode
from judge_core.packages.package import TestGroup

OURS = sorted(path.parent for path in Path("problems").glob("*/problem.yaml"))
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a package with these files and a secret test, or without the test if ``tests`` is false."""

    def write_package(files: dict[str, str], slug: str = "sample-problem", tests: bool = True) -> Path:
        folder = tmp_path / slug
        base = {"data/secret/1.in": "1\n", "data/secret/1.ans": "1\n"} if tests else {}
        for name, text in {"problem.yaml": "name: X\n", **base, **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return write_package


@pytest.mark.parametrize("folder", OURS, ids=lambda path: path.name)
def test_the_bundled_packages_are_read_without_a_warning(folder: Path) -> None:
    package = read_package(folder)
    assert package.warnings == ()
    assert package.submissions


def test_the_samples_come_before_the_secret_tests() -> None:
    names = [case.name for case in read_package(Path("problems/nextprime")).cases]
    assert names[:3] == ["sample/1", "sample/2", "secret/001"]
    assert len(names) == 120


@pytest.mark.parametrize(
    ("name", "text"),
    [(".timelimit", "3\n"), (".timelimit", " 3.0"), ("domjudge-problem.ini", "timelimit='3'\r\nname=x\r\n")],
)
def test_a_time_limit_is_read_from_timelimit_or_domjudge_problem_ini(
    write: Write, name: str, text: str
) -> None:
    assert read_package(write({name: text})).metadata.limits.time == 3


def test_a_package_of_domjudge_without_problem_yaml_is_read_with_a_warning(write: Write) -> None:
    folder = write({"domjudge-problem.ini": "name='Boolean find'\ntimelimit=2\n"})
    (folder / "problem.yaml").unlink()
    package = read_package(folder)
    assert (package.metadata.names, package.metadata.limits.time) == ({"en": "Boolean find"}, 2)
    assert any("problem.yaml: is missing" in str(each) for each in package.warnings)


def test_a_time_limit_in_problem_yaml_replaces_the_limit_of_a_timelimit_file(write: Write) -> None:
    folder = write({"problem.yaml": "limits: {time_limit: 1.5}\n", ".timelimit": "3"})
    assert read_package(folder).metadata.limits.time == 1.5


def test_an_unknown_key_is_a_warning_and_a_wrong_type_is_an_error_with_line_and_key(write: Write) -> None:
    folder = write({"problem.yaml": "name: X\ncolour: red\nlimits:\n  memory: plenty\n"})
    _, faults = inspect_package(folder)
    [error] = faults.errors
    assert str(error).startswith("problem.yaml:4: limits.memory: must be a number from 1 to")
    assert [(fault.key, fault.line) for fault in faults.warnings if fault.key] == [("colour", 2)]


def test_all_errors_of_a_package_are_reported_together(write: Write) -> None:
    files = {
        "problem.yaml": "type: guessing\nlimits: {memory: -1}\nvalidation: custom\n",
        "data/secret/2.in": "",
        "data/testdata.yaml": "on_reject: shrug\n",
    }
    with pytest.raises(BrokenPackage) as caught:
        read_package(write(files))
    assert {fault.key or fault.file for fault in caught.value.faults} == {
        "type",
        "limits.memory",
        "output_validators",
        "on_reject",
        "data/secret/2.in",
    }


def test_a_missing_answer_is_a_fault_unless_the_package_has_its_own_validator(write: Write) -> None:
    with pytest.raises(BrokenPackage, match=r"data/secret/2.in: has no .ans"):
        read_package(write({"data/secret/2.in": ""}))
    custom = {"problem.yaml": "validation: custom\n", "output_validators/check.py": ""}
    assert len(read_package(write(custom)).cases) == 2


def test_an_unclosed_quote_in_a_test_s_arguments_is_a_fault_of_that_file(write: Write) -> None:
    with pytest.raises(
        BrokenPackage, match=r"data/secret/1\.args: cannot be split into arguments: No closing"
    ):
        read_package(write({"data/secret/1.args": "don't\n"}))


def test_a_folder_named_testdata_yaml_is_a_test_group(write: Write) -> None:
    text = "problem_format_version: 2023-07-draft\nname: X\n"
    folder = write({"problem.yaml": text, "data/secret/a/testdata.yaml/1.in": "1\n"}, tests=True)
    (folder / "data/secret/a/testdata.yaml/1.ans").write_text("1\n")
    assert [case.name for case in read_package(folder).cases] == [
        "secret/1",
        "secret/a/testdata.yaml/1",
    ]


STATIC = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\ntype: scoring\n",
    "static_validator/check.py": "",
}


def test_a_group_may_consist_of_a_static_test(write: Write) -> None:
    settings = "static_validation: true\nscoring: {score: 30}\n"
    package = read_package(write({**STATIC, "data/secret/style/test_group.yaml": settings}))
    assert [case.name for case in package.cases] == ["secret/1", "secret/style/static_validation"]


def test_there_is_a_warning_for_a_static_test_above_all_groups(write: Write) -> None:
    files = {**STATIC, "data/test_group.yaml": "static_validation: true\n"}
    warnings = [str(each) for each in read_package(write(files)).warnings]
    assert any("put it into data/secret/test_group.yaml" in each for each in warnings), warnings


def test_a_package_without_secret_tests_is_judged_by_its_samples(write: Write) -> None:
    package = read_package(write({"data/sample/1.in": "", "data/sample/1.ans": ""}, tests=False))
    assert [case.name for case in package.cases] == ["sample/1"]
    assert any("samples alone" in str(fault) for fault in package.warnings)


def test_a_problem_yaml_with_crlf_and_a_byte_order_mark_is_read(write: Write) -> None:
    package = read_package(write({"problem.yaml": "\ufeffname: Odd\r\nvalidator_flags: case_sensitive\r\n"}))
    assert package.metadata.names == {"en": "Odd"}
    assert package.cases[0].settings.validator_flags == ("case_sensitive",)


@pytest.mark.parametrize("flags", ["float_tolerance 1e-6", "[float_tolerance, 1e-6]"])
def test_validator_flags_may_be_a_text_or_a_list(write: Write, flags: str) -> None:
    package = read_package(write({"data/secret/testdata.yaml": f"output_validator_flags: {flags}\n"}))
    assert package.cases[0].settings.validator_flags == ("float_tolerance", "1e-6")


def test_a_legacy_group_inherits_its_missing_keys_from_the_group_above(write: Write) -> None:
    files = {
        "problem.yaml": "type: scoring\n",
        "data/testdata.yaml": "on_reject: continue\ngrader_flags: ignore_sample\nrange: 0 100\n",
        "data/secret/testdata.yaml": "on_reject: continue\ngrader_flags: min first_error\n",
        **{f"data/secret/{name}.{end}": "" for name in ("g1/a", "g2/b") for end in ("in", "ans")},
        "data/secret/g2/testdata.yaml": "accept_score: 40\n",
    }
    package = read_package(write(files))
    secret = next(part for part in package.data.parts if part.name == "secret")
    assert isinstance(secret, TestGroup)
    groups = {part.name: part.settings for part in secret.parts if isinstance(part, TestGroup)}
    without, own = groups["secret/g1"], groups["secret/g2"]
    assert (without.on_reject, without.aggregation) == (OnReject.CONTINUE, Aggregation.MIN)
    assert without.verdict_mode is VerdictMode.FIRST_ERROR
    assert (own.on_reject, own.aggregation, own.accept_score) == (OnReject.CONTINUE, Aggregation.MIN, 40)
    assert (own.low, own.high, own.ignore_sample) == (0, 100, False)


def test_a_group_s_validator_flags_come_after_the_problem_s(write: Write) -> None:
    yaml = "validator_flags: float_tolerance 1e-6 case_sensitive\n"
    group = "output_validator_flags: float_tolerance 1e-2\n"
    files = {"problem.yaml": yaml, "data/secret/testdata.yaml": group}
    flags = read_package(write(files)).cases[0].settings.validator_flags
    assert flags == ("case_sensitive", "float_tolerance", "1e-2")
    custom = {**files, "problem.yaml": yaml + "validation: custom\n", "output_validators/v.py": ""}
    flags = read_package(write(custom)).cases[0].settings.validator_flags
    assert flags == ("float_tolerance", "1e-6", "case_sensitive", "float_tolerance", "1e-2")


def test_a_draft_of_2023_07_with_legacy_groups_is_graded_as_a_legacy_package(write: Write) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: Odd Echo\ntype: scoring\n",
        "data/secret/testdata.yaml": "on_reject: continue\nrange: 0 100\ngrader_flags: first_error\n",
    }
    package = read_package(write(files))
    secret = next(part for part in package.data.parts if part.name == "secret")
    assert isinstance(secret, TestGroup)
    assert (secret.settings.high, secret.settings.verdict_mode) == (100, VerdictMode.FIRST_ERROR)
    assert package.metadata.is_graded_as_legacy


def test_in_format_2023_07_a_test_may_have_its_own_settings_and_constants_are_replaced(write: Write) -> None:
    files = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: X\nconstants: {eps: 1e-4}\n",
        "data/test_group.yaml": "output_validator_args: [float_tolerance, '{{eps}}']\n",
        "data/secret/1.yaml": "args: [--fast]\nhint: look twice\nfull_feedback: true\n",
        "statement/problem.en.md": "Within {{eps}} of $x^2$. {{unknown}}\n",
    }
    library_entry = PackageStore(write(files).parent / "library").add_folder(write(files))
    settings = read_package(write(files)).cases[0].settings
    assert settings.validator_flags == ("float_tolerance", "1e-4")
    assert (settings.arguments, settings.hint, settings.full_feedback) == (("--fast",), "look twice", True)
    assert "Within 1e-4 of <math" in library_entry.spec.statements[0].html
    assert "{{unknown}}" in library_entry.spec.statements[0].html


def test_a_link_out_of_the_package_is_refused(write: Write) -> None:
    folder = write({})
    (folder / "data/secret/2.in").symlink_to("/etc/passwd")
    with pytest.raises(BrokenPackage, match="leads out of the package"):
        read_package(folder)


def test_an_html_statement_is_sanitised_and_a_latex_statement_is_converted(write: Write) -> None:
    latex = "\\problemname{Hej}\nEtt tal $n \\le 10$.\n\\begin{Input}En rad.\\end{Input}"
    files = {
        "problem_statement/problem.en.html": "<p onclick='x()'>Hi<script>alert(1)</script></p>",
        "problem_statement/problem.sv.tex": latex,
    }
    spec = PackageStore(write({}).parent / "library").add_folder(write(files)).spec
    english, swedish = spec.statements
    assert english.html == "<p>Hi</p>"
    assert swedish.name == "Hej"
    assert "<math" in swedish.html
    assert "En rad." in swedish.html


ELSEWHERE = [
    "https://example.org/a.png",
    "//example.org/a.png",
    "\\\\example.org/a.png",
    " https://example.org/a.png",
    "data:image/svg+xml,<svg/>",
    "HTTP://example.org/a.png",
]


@pytest.mark.parametrize("source", ELSEWHERE)
def test_a_picture_of_another_server_is_not_loaded_and_its_alternative_text_is_kept(
    write: Write, source: str
) -> None:
    """If the picture were loaded, the owner of the other server would learn who reads the statement, and
    when."""
    text = f'<p><img src="{source}" alt="A map"><img src="own.png" alt="Ours"></p>'
    folder = write({"problem_statement/problem.en.html": text, "problem_statement/own.png": "png"})
    (statement,) = PackageStore(folder.parent / "library").add_folder(folder).spec.statements
    assert "example.org" not in statement.html
    assert "data:" not in statement.html
    assert 'alt="A map"' in statement.html
    assert "/files/problem_statement/own.png" in statement.html


def test_a_folder_and_its_zip_have_the_same_hash_and_the_spec_survives_json(tmp_path: Path) -> None:
    library = PackageStore(tmp_path)
    first, again = (library.add_folder(Path("problems/courier")) for _ in range(2))
    assert first.hash == again.hash
    path = library.path(first.hash)
    assert path is not None
    assert library.add_zip(path).hash == first.hash
    assert ProblemSpec.from_json(first.spec.to_json()) == first.spec
    assert library.path("../../etc/passwd") is None
