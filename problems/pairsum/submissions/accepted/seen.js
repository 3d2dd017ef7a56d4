class Solution {
  pairSum(numbers, target) {
    const seen = new Map();
    for (let j = 0; j < numbers.length; j++) {
      if (seen.has(target - numbers[j])) return [seen.get(target - numbers[j]), j];
      seen.set(numbers[j], j);
    }
    return [];
  }
}
