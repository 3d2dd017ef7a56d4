#include <iostream>
#include <sstream>
#include <string>
int main() {
    std::string line;
    long long s = 0, x;
    while (std::getline(std::cin, line)) { std::stringstream ss(line); while (ss >> x) s += x; }
    std::cout << s << std::endl;
}
