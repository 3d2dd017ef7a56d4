import bisect
import decimal
import fractions
import heapq
import itertools
import math
import random
import re
import string
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from functools import cache, lru_cache, reduce
from operator import itemgetter
import sys


@dataclass(order=True)
class Entry:
    word: str
    count: int = field(compare=False)


@cache
def show(word, count):
    match (word, count):
        case (str() as w, int() as c):
            return f"{w} {c}"


heap = [Entry(w, c) for w, c in Counter(sys.stdin.read().split()).items()]
heapq.heapify(heap)
while heap:
    e = heapq.heappop(heap)
    print(show(e.word, e.count))
