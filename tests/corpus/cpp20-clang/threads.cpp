#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>
int main() {
    int a, b, r = 0;
    bool ready = false;
    std::mutex m;
    std::condition_variable cv;
    std::cin >> a >> b;
    std::thread t([&] { std::lock_guard l(m); r = a + b; ready = true; cv.notify_one(); });
    { std::unique_lock l(m); cv.wait(l, [&] { return ready; }); }
    t.join();
    std::cout << r;
}
