import sys
import threading

sys.setrecursionlimit(1 << 25)
threading.stack_size(1 << 27)


def f(n):
    return 0 if n == 0 else n + f(n - 1)


def main():
    print(f(int(input())))


t = threading.Thread(target=main)
t.start()
t.join()
