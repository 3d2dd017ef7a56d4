from solution import Solution

numbers = list(map(int, input().split()))
print(*Solution().pairSum(numbers, int(input())))
