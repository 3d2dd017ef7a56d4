"""Files that a submission writes beside its program are never where a validator's runtime looks for files."""

from __future__ import annotations

import pytest

from judge_core.languages import load_languages
from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture
from tests.golden.test_scoring import Write
from tests.golden.test_work_folders import V2023

PLANTING = """
BEGIN {{
    my %planted = ({files});
    if (-d "/w/out") {{
        for my $path (sort keys %planted) {{
            my ($folder, @parts) = ("/w/out", split("/", $path));
            my $name = pop @parts;
            for (@parts) {{ $folder .= "/$_"; mkdir $folder; }}
            open my $file, ">", "$folder/$name" or die "$folder/$name: $!";
            print $file $planted{{$path}};
        }}
    }}
}}
print "wrong";
"""
"""Perl runs BEGIN blocks while it checks a program, so the check may already write files into out/."""

HONEST_PY = """
import sys
sys.exit(42 if open(sys.argv[2]).read().split() == sys.stdin.read().split() else 43)
"""
HONEST_JS = """
for (const name of ["colour", "./colour", "solution"]) try { require(name); } catch (error) {}
const fs = require("fs");
const words = (path) => fs.readFileSync(path, "utf8").trim();
process.exit(words(process.argv[3]) === words(0) ? 42 : 43);
"""
HONEST_R = """
given <- readLines(file("stdin"), warn = FALSE)
wanted <- readLines(commandArgs(trailingOnly = TRUE)[2], warn = FALSE)
quit(status = if (identical(given, wanted)) 42 else 43)
"""
HONEST_PHP = """<?php
include 'words.php';
exit(words(STDIN) === words(fopen($argv[2], 'r')) ? 42 : 43);
"""
WORDS_PHP = "<?php function words($file) { return trim(stream_get_contents($file)); }\n"
HONEST_LUA = """
pcall(require, "colour")
local file = io.open(arg[2])
os.exit(file:read("l") == io.read("l") and 42 or 43)
"""
HONEST_RUBY = """
%w[colour rbconfig].each { |name| begin; require name; rescue LoadError; end }
begin; load "colour.rb"; rescue LoadError; end
exit(File.read(ARGV[1]).strip == STDIN.read.strip ? 42 : 43)
"""
HONEST_BASH = """
source colour.sh 2>/dev/null
if [ "$(cat "$2")" = "$(cat)" ]; then exit 42; else exit 43; fi
"""
PYTHON_HOMES = [f".local/lib/python3.{minor}/site-packages/usercustomize.py" for minor in range(8, 16)]
RUBY_HOMES = [f".gem/ruby/3.{minor}.0/gems/colour-1/lib/colour.rb" for minor in range(5)]
RUBY_GEMS = [f".gem/ruby/3.{minor}.0/specifications/colour-1.gemspec" for minor in range(5)]
GEM = "Gem::Specification.new { |s| s.name = 'colour'; s.version = '1'; s.summary = s.author = 'x' }"


@pytest.mark.parametrize(
    ("language", "validators", "planted"),
    [
        ("python3", {"v.py": HONEST_PY}, dict.fromkeys(PYTHON_HOMES, "import os\nos._exit(42)\n")),
        (
            "javascript",
            {"v.js": HONEST_JS},
            dict.fromkeys(
                ("node_modules/colour.js", ".node_modules/colour.js", "colour.js"), "process.exit(42)"
            ),
        ),
        ("r", {"v.R": HONEST_R}, {".Rprofile": "quit(status = 42)"}),
        (
            "php",
            {"main.php": HONEST_PHP, "words.php": WORDS_PHP},
            {"words.php": "<?php exit(42);", "php.ini": "auto_prepend_file=/w/words.php"},
        ),
        ("lua", {"v.lua": HONEST_LUA}, {"colour.lua": "os.exit(42)", "colour/init.lua": "os.exit(42)"}),
        (
            "ruby",
            {"v.rb": HONEST_RUBY},
            {
                "colour.rb": "exit!(42)",
                **dict.fromkeys(RUBY_HOMES, "exit!(42)"),
                **dict.fromkeys(RUBY_GEMS, GEM),
            },
        ),
        ("bash", {"v.sh": HONEST_BASH}, {"colour.sh": "exit 42", ".bashrc": "exit 42"}),
    ],
    ids=["python", "node", "r", "php", "lua", "ruby", "bash"],
)
def test_a_file_that_a_submission_plants_for_the_validator_s_runtime_has_no_effect(
    judging: JudgeFixture, package: Write, language: str, validators: dict[str, str], planted: dict[str, str]
) -> None:
    wanted = [load_languages()[each] for each in (language, "perl")]
    offers = judging.judge.toolchains.offer(judging.sandbox, wanted)
    if not all(offer.available for offer in offers.values()):
        return
    folder = package(
        {"problem.yaml": V2023, **{f"output_validator/{name}": text for name, text in validators.items()}}
    )
    assert judging.submit(folder, planting(planted), "perl").verdict is Verdict.WA
    assert judging.submit(folder, "print 4;", "perl").verdict is Verdict.AC


def planting(planted: dict[str, str]) -> str:
    pairs = (f"q\x01{path}\x01 => q\x01{text}\x01" for path, text in planted.items())
    return PLANTING.format(files=", ".join(pairs))


LOOKS = """
import os, sys
home = os.environ["HOME"]
here = sorted(os.path.relpath(os.path.join(top, name)) for top, _, names in os.walk(".") for name in names)
words = f"{here} {os.listdir(home)} {home != os.getcwd()}"
open(sys.argv[3] + "judgemessage.txt", "w").write(words)
print(words, file=sys.stderr)
sys.exit(42 if words == "%s" else 43)
"""
PLANTED = dict.fromkeys(
    ("program", "x.class", "solution.pl.d/x", ".hidden", "no.ans", "feedback/x"), "planted"
)


def test_a_validator_sees_the_submitted_files_and_no_planted_files(
    judging: JudgeFixture, package: Write
) -> None:
    looks = LOOKS % "['feedback/.keep', 'solution.pl'] [] True"
    folder = package({"problem.yaml": V2023, "output_validator/v.py": looks})
    outcome = judging.submit(folder, planting(PLANTED), "perl")
    assert outcome.verdict is Verdict.AC, outcome


def test_a_static_validator_sees_the_submitted_files_and_no_planted_files(
    judging: JudgeFixture, package: Write
) -> None:
    group = {"data/secret/test_group.yaml": "static_validation: true\n"}
    static = {"static_validator/v.py": LOOKS % "['solution.pl'] [] True"}
    yaml = {"problem.yaml": V2023, "output_validator/v.py": "import sys\nsys.exit(42)\n"}
    outcome = judging.submit(package({**yaml, **group, **static}), planting(PLANTED), "perl")
    assert outcome.verdict is Verdict.AC, outcome


def test_a_php_validator_includes_its_own_file_and_not_the_submission_of_that_name(
    judging: JudgeFixture, package: Write
) -> None:
    include = HONEST_PHP.replace("words.php", "solution.php")
    validator = {"output_validator/main.php": include, "output_validator/solution.php": WORDS_PHP}
    folder = package({"problem.yaml": V2023, **validator})
    if judging.judge.toolchains.find("php"):
        assert judging.submit(folder, "<?php exit(42);", "php").verdict is Verdict.RTE
        assert judging.submit(folder, "<?php exit(isset($argv[1]) ? 42 : 0);", "php").verdict is Verdict.WA
        assert judging.submit(folder, "<?php echo 4;", "php").verdict is Verdict.AC
