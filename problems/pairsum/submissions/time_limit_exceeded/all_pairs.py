class Solution:
    def pairSum(self, numbers: list[int], target: int) -> list[int]:
        for j in range(len(numbers)):
            for i in range(j):
                if numbers[i] + numbers[j] == target:
                    return [i, j]
        return []
