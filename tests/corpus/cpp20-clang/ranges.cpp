#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>
int main() {
    int n;
    std::cin >> n;
    std::vector<int> v(n);
    for (auto& x : v) std::cin >> x;
    auto sum = []<typename T>(const std::vector<T>& w) { return std::accumulate(w.begin(), w.end(), T{}); };
    std::cout << sum(v) << '\n';
}
