"""Python programs get the right verdict, whether their syntax is checked before or after the first run.

What a program sees of its own start is the same as with ``python3 FILE``. The programs of
``test_late_syntax_check.py`` are compared in the same two ways.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture
from tests.golden.test_late_syntax_check import JudgeWithCounter

_HEAD = "import sys\nn = int(sys.stdin.readline())\n"
_SQUARE = "print(n * n)\n"


def _checked(condition: str, before: str = "") -> str:
    """A program whose answer is right only if the condition holds."""
    return f"{before}{_HEAD}assert {condition}\n{_SQUARE}"


RIGHT = {
    "its name is __main__": _checked("__name__ == '__main__'"),
    "its guard runs": f"{_HEAD}def main():\n    {_SQUARE}\nif __name__ == '__main__':\n    main()\n",
    "it has no arguments": _checked("len(sys.argv) == 1"),
    "sys.argv names its file": _checked("sys.argv[0] == __file__"),
    "its file has its text": _checked("'its own text' in open(__file__).read()", "# its own text\n"),
    "its folder is first in sys.path": _checked(
        "os.path.samefile(sys.path[0], os.path.dirname(os.path.abspath(__file__)))", "import os\n"
    ),
    "__main__ is its module": _checked(
        "sys.modules['__main__'].__dict__ is globals()", "import sys, __main__\n"
    ),
    "it has no package and no specification": _checked("__package__ is None and __spec__ is None"),
    "its documentation string": _checked("__doc__ == 'says what it does'", "'says what it does'\n"),
    "its builtins are a module": _checked("type(__builtins__).__name__ == 'module'"),
    "its annotations are kept": _checked("__annotations__ == {'x': int}", "x: int = 1\n"),
    "its names are few": _checked(
        "set(dir()) <= {'__annotations__', '__builtins__', '__cached__', '__doc__', '__file__',"
        " '__loader__', '__name__', '__package__', '__spec__', 'sys', 'n'}"
    ),
    "its limit of recursion is the default one": _checked("sys.getrecursionlimit() == 1000"),
    "it recurses 900 deep": f"{_HEAD}def f(k):\n    return 0 if k == 0 else f(k - 1)\nf(900)\n{_SQUARE}",
    "it raises its limit of recursion": (
        f"{_HEAD}sys.setrecursionlimit(20000)\ndef f(k):\n    return 0 if k == 0 else f(k - 1)\n"
        f"f(9000)\n{_SQUARE}"
    ),
    "it recurses in a thread with a large stack": (
        "import sys, threading\nsys.setrecursionlimit(10 ** 6)\nthreading.stack_size(64 << 20)\n"
        "def f(k):\n    return 0 if k == 0 else f(k - 1)\n"
        "def main():\n    n = int(input())\n    f(20000)\n    print(n * n)\n"
        "t = threading.Thread(target=main)\nt.start()\nt.join()\n"
    ),
    "it has no optimisation": _checked("__debug__ and sys.flags.optimize == 0"),
    "it is not isolated": _checked("sys.flags.isolated == 0 and sys.flags.no_site == 0"),
    "its stdin is no terminal": _checked("not sys.stdin.isatty()"),
    "its first frame is its own": _checked("sys._getframe().f_back is None"),
    "its frame names its file": _checked("sys._getframe().f_code.co_filename == __file__"),
    "its frame is a module": _checked("sys._getframe().f_code.co_name == '<module>'"),
    "it has one thread": _checked("threading.active_count() == 1", "import threading\n"),
    "its main thread is current": _checked(
        "threading.current_thread() is threading.main_thread()", "import threading\n"
    ),
    "it has opened no other file": _checked("set(os.listdir('/proc/self/fd')) <= set('0123')", "import os\n"),
    "it handles no signal": _checked("signal.getsignal(signal.SIGTERM) == signal.SIG_DFL", "import signal\n"),
    "it traces nothing": _checked("sys.gettrace() is None and sys.getprofile() is None"),
    "its excepthook is the default one": _checked("sys.excepthook is sys.__excepthook__"),
    "its source can be read by inspect": (
        f"import inspect\n{_HEAD}def f():\n    return 1\nassert 'return 1' in inspect.getsource(f)\n{_SQUARE}"
    ),
    "it imports in its own order": _checked(
        "list(sys.modules).index('bisect') < list(sys.modules).index('fractions')",
        "import bisect\nimport fractions\n",
    ),
    "it reads all with sys.stdin.buffer": "import sys\nn = int(sys.stdin.buffer.read())\nprint(n * n)\n",
    "it reads with os.read": "import os\nn = int(os.read(0, 100))\nos.write(1, b'%d\\n' % (n * n))\n",
    "it iterates over its input": "import sys\nfor line in sys.stdin:\n    print(int(line) ** 2)\n",
    "it uses open(0)": "print(int(open(0).read()) ** 2)\n",
    "it uses input with a walrus": "print((n := int(input())) * n)\n",
    "it uses match": f"{_HEAD}match n:\n    case int():\n        {_SQUARE}",
    "it uses a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    n: int\n"
        "p = P(int(input()))\nprint(p.n * p.n)\n"
    ),
    "it uses typing": (
        "from __future__ import annotations\nimport typing\nclass A:\n    b: B\nclass B:\n    pass\n"
        "typing.get_type_hints(A)\nprint(int(input()) ** 2)\n"
    ),
    "it pickles a class of its own": (
        "import pickle\nclass P:\n    pass\np = P()\np.n = int(input())\n"
        "print(pickle.loads(pickle.dumps(p)).n ** 2)\n"
    ),
    "it caches a function": (
        "from functools import lru_cache\n@lru_cache(None)\ndef f(n):\n    return n * n\n"
        "print(f(int(input())))\n"
    ),
    "it ends by sys.exit(0)": f"{_HEAD}{_SQUARE}sys.exit(0)\n",
    "it ends by os._exit after a flush": f"import os\n{_HEAD}print(n * n, flush=True)\nos._exit(0)\n",
    "it prints at its exit": "import atexit\nn = int(input())\natexit.register(lambda: print(n * n))\n",
    "it runs asyncio": (
        "import asyncio\nasync def main():\n    print(int(input()) ** 2)\nasyncio.run(main())\n"
    ),
    "it is encoded in Latin-1": f"# -*- coding: latin-1 -*-\n# caf\xe9\n{_HEAD}{_SQUARE}",
}
WRONG = {
    "a broken line after 200 good ones": ("x = 1\n" * 200 + "print(\n", Verdict.CE),
    "a syntax error behind sys.exit": ("import sys\nsys.exit(0)\nx = = 1\n", Verdict.CE),
    "a syntax error behind the right answer": (f"{_HEAD}{_SQUARE}def f(:\n    pass\n", Verdict.CE),
    "a deep recursion": ("def f():\n    f()\nf()\n", Verdict.RTE),
    "a missing module": ("import notthere\n", Verdict.RTE),
    "the end of the input": ("input()\ninput()\n", Verdict.RTE),
    "a traceback of its own printed": ("import traceback\ntraceback.print_stack()\nprint(0)\n", Verdict.WA),
}
CASES = [(name, source, Verdict.AC) for name, source in RIGHT.items()] + [
    (name, source, verdict) for name, (source, verdict) in WRONG.items()
]


@pytest.fixture(scope="module")
def square(judging: JudgeFixture) -> Path:
    files = {
        "problem.yaml": "name: X\nlimits: {time_limit: 4, memory: 512}\n",
        "data/secret/1.in": "3\n",
        "data/secret/1.ans": "9\n",
    }
    return judging.write("square-both-ways", files)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "verdict"), [case[1:] for case in CASES], ids=[name for name, _, _ in CASES]
)
def test_a_python_program_gets_the_same_verdict_with_a_late_and_an_early_syntax_check(
    judging: JudgeFixture, tmp_path: Path, square: Path, source: str, verdict: Verdict
) -> None:
    for late in (True, False):
        judge = JudgeWithCounter(judging, judging.root / tmp_path.name / str(late))
        outcome = judge.submit(square, "python3", source, late=late)
        assert outcome.verdict is verdict, (late, [test.message for test in outcome.tests])
