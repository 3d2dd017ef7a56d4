"""Executes a program that the kernel ends when its parent dies, even by ``kill -9``.

Run as a script: ``python -I -S exec_with_pdeathsig.py PARENT SIGNAL PROGRAM [ARGUMENT…]``. This is a program
of its own, because the supervisor has threads, so Python code between its fork and exec could hang.
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
    # Python ignores SIGPIPE, and the program would inherit this setting.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    # Sandboxes read a worker's files as another user. The data folder itself is closed to other users.
    os.umask(0o022)
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
