from multiprocessing import Pool


def one(x):
    return int(x)


if __name__ == "__main__":
    with Pool(2) as p:
        print(sum(p.map(one, input().split())))
