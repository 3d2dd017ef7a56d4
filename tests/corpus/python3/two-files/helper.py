def read():
    return [int(x) for x in input().split()]
