class Solution:
    def pairSum(self, numbers: list[int], target: int) -> list[int]:
        seen = {}
        for j, number in enumerate(numbers):
            if target - number in seen:
                return [seen[target - number], j]
            seen[number] = j
        return []
