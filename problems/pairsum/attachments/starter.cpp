class Solution {
public:
    vector<int> pairSum(vector<int> &numbers, int target) {

    }
};
