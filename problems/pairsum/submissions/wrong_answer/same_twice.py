class Solution:
    def pairSum(self, numbers: list[int], target: int) -> list[int]:
        for i, number in enumerate(numbers):
            if target - number in numbers:
                return [i, numbers.index(target - number)]
        return []
