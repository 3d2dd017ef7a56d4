class Solution {
  pairSum(numbers, target) {

  }
}
