from sortedcontainers import SortedList
input()
print(*SortedList(map(int, input().split())))
