#include <atomic>
#include <future>
#include <iostream>
#include <thread>
#include <vector>
int main() {
    int n;
    std::cin >> n;
    std::atomic<long> s{0};
    std::vector<std::thread> ts;
    for (int i = 0, x; i < n; i++) { std::cin >> x; ts.emplace_back([&s, x] { s += x; }); }
    for (auto& t : ts) t.join();
    auto f = std::async(std::launch::async, [&] { return s.load(); });
    std::cout << f.get() << std::endl;
}
