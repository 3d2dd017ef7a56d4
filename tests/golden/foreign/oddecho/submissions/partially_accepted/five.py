n = int(input())
words = [input() for _ in range(n)]
assert n == 5
print(*words[::2], sep='\n')
