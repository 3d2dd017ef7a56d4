"""Executes a program that the kernel ends when its parent dies, even by ``kill -9``.

Run as a script: ``python -I -S exec_with_pdeathsig.py PARENT SIGNAL PROGRAM [ARGUMENT…]``. It is its
own program and not code between fork and exec: the supervisor has threads, and Python code may hang there.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, death_signal, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("the supervisor is gone already")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would be inherited
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)  # sandboxes read a worker's files as another user; the data folder is closed
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
