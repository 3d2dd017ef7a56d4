"""Becomes the program named on its command line, tied to the life of its parent.

Run as a script: ``python -I -S leash.py PARENT SIGNAL PROGRAM [ARGUMENT…]``. The kernel sends SIGNAL
as soon as the parent is gone, even by ``kill -9``. A program of its own and not code between fork and
exec: the supervisor has threads, and Python between fork and exec may then hang.
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
    os.umask(0o022)  # what a worker prepares, its boxes read as another user; the data folder is closed
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
