import sys
import threading
sys.setrecursionlimit(10 ** 7)
threading.stack_size(1 << 28)


def f(n):
    return 0 if n == 0 else n + f(n - 1)


def main():
    sys.stdout.write("%d\n" % f(int(sys.stdin.readline())))


threading.Thread(target=main).start()
