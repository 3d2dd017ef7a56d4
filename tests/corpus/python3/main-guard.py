from __future__ import annotations

import sys
from typing import List, Optional


class Solution:
    def add(self, nums: List[int]) -> Optional[int]:
        return sum(nums) if nums else None


def main() -> None:
    n: int = int(sys.stdin.readline())
    nums = list(map(int, sys.stdin.readline().split()))
    print(Solution().add(nums[:n]))


if __name__ == "__main__":
    main()
