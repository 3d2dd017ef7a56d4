#include <chrono>
#include <iostream>
#include <thread>
int main() {
    std::cout << 37 << std::endl;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (int i = 0; i < 1000; i++) std::cout << "more" << std::endl;
}
