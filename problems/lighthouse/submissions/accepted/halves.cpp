#include <iostream>
#include <string>

int main() {
    long low = 1, high;
    std::cin >> high;
    for (std::string answer; answer != "here";) {
        long middle = (low + high) / 2;
        std::cout << middle << std::endl;
        std::cin >> answer;
        if (answer == "further") low = middle + 1;
        if (answer == "nearer") high = middle - 1;
    }
}
