#include <unordered_map>

class Solution {
public:
    vector<int> pairSum(vector<int> &numbers, int target) {
        unordered_map<int, int> seen;
        for (int j = 0; j < (int)numbers.size(); j++) {
            auto hit = seen.find(target - numbers[j]);
            if (hit != seen.end()) return {hit->second, j};
            seen[numbers[j]] = j;
        }
        return {};
    }
};
