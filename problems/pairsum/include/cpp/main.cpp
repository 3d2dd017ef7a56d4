#include <iostream>
#include <sstream>
#include <string>
#include <vector>
using namespace std;

#include "solution.cpp"

int main() {
    string line;
    getline(cin, line);
    istringstream words(line);
    vector<int> numbers;
    for (int number; words >> number;) numbers.push_back(number);
    int target;
    cin >> target;
    vector<int> pair = Solution().pairSum(numbers, target);
    for (size_t i = 0; i < pair.size(); i++) cout << (i ? " " : "") << pair[i];
    cout << "\n";
}
