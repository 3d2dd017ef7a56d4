"""The tracer that :mod:`benchmarks.trace_submission` puts into each process of a stack, as ``sitecustomize``.

It imports nothing of the project. In the supervisor it adds its variables to the environment of each child,
because the supervisor passes on only variables that it names. In each other process it writes one line for
each function of the project that is called while the control file's first byte is not zero. That byte is the
number of the judgement.
"""

from __future__ import annotations

import _thread
import mmap
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

FOLDER_VARIABLE = "TRACE_FOLDER"
ROOT_VARIABLE = "TRACE_ROOT"
CONTROL = "control"
CO_OPTIMIZED = 1
"""A flag of code objects. It is set for functions, and not for the body of a module or class."""
PROCESSES = {"judge_api.gunicorn_server": "api", "judge_api.dispatcher": "dispatcher", "workers": "worker"}


class Tracer:
    """Writes the name of each called function of the project, once per judgement."""

    def __init__(self, folder: Path, root: Path, process: str) -> None:
        with (folder / CONTROL).open("rb") as control:
            self._control = mmap.mmap(control.fileno(), 1, access=mmap.ACCESS_READ)
        self._folder = folder
        self._root = f"{root}{os.sep}"
        self._process = process
        self._seen: set[tuple[int, CodeType]] = set()
        self._output = self._open()
        os.register_at_fork(after_in_child=self._reopen)

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        judgement = self._control[0]
        if not judgement or event != "call" or (judgement, frame.f_code) in self._seen:
            return
        self._seen.add((judgement, frame.f_code))
        if frame.f_code.co_flags & CO_OPTIMIZED and frame.f_code.co_filename.startswith(self._root):
            module = frame.f_code.co_filename.removeprefix(self._root)
            line = f"{judgement}\t{self._process}\t{module}\t{frame.f_code.co_qualname}\n"
            os.write(self._output, line.encode())

    def install(self) -> None:
        """Trace this thread and every later thread, including gevent's native threads."""
        start = _thread.start_new_thread

        def start_traced(function: Callable[..., Any], *arguments: Any, **more: Any) -> int:
            def traced(*args: Any, **kwargs: Any) -> Any:
                sys.setprofile(self)
                return function(*args, **kwargs)

            return start(traced, *arguments, **more)

        _thread.start_new_thread = threading._start_new_thread = start_traced  # type: ignore[attr-defined]
        sys.setprofile(self)

    def _open(self) -> int:
        return os.open(self._folder / f"{os.getpid()}.trace", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _reopen(self) -> None:
        os.close(self._output)
        self._output = self._open()


def _pass_on() -> None:
    """Let the child processes of this process load the tracer too."""
    passed = {name: os.environ[name] for name in ("PYTHONPATH", FOLDER_VARIABLE, ROOT_VARIABLE)}
    start = subprocess.Popen.__init__

    def start_with_tracer(process: Any, *arguments: Any, **more: Any) -> None:
        if more.get("env") is not None:
            more["env"] = {**more["env"], **passed}
        start(process, *arguments, **more)

    subprocess.Popen.__init__ = start_with_tracer  # type: ignore[method-assign,assignment]


def _main() -> None:
    folder, root = Path(os.environ[FOLDER_VARIABLE]), Path(os.environ[ROOT_VARIABLE])
    process = next((name for word, name in PROCESSES.items() if word in sys.orig_argv), None)
    if process is not None:
        Tracer(folder, root, process).install()
    elif "up" in sys.orig_argv:
        _pass_on()


if __name__ == "sitecustomize":
    _main()
