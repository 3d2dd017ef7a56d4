#include <iostream>
#include <vector>
int main() {
    std::cin.tie(0)->sync_with_stdio(0);
    int n; std::cin >> n;
    std::vector<long> v(n);
    long s = 0;
    for (long& x : v) std::cin >> x, s += x;
    std::cout << s;
}
