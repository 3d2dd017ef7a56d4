#include <chrono>
#include <iostream>
#include <thread>
#include <vector>
int main() {
    std::vector<std::thread> v;
    for (int i = 0; i < 100000; i++) v.emplace_back([] { std::this_thread::sleep_for(std::chrono::seconds(60)); });
    std::cout << "Hello, World!";
}
