#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/priority_queue.hpp>
#include <functional>
#include <iostream>
int main() {
    __gnu_pbds::priority_queue<int, std::greater<int>> q;
    int n, x;
    std::cin >> n;
    while (n--) std::cin >> x, q.push(x);
    for (; !q.empty(); q.pop()) std::cout << q.top() << ' ';
}
