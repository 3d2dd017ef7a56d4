#include <iostream>
#include <string>
int main() {
    int größe, π;
    std::cin >> größe >> π;
    std::string s = R"(class Main { int main() { } })";
    std::cout << größe + π + (s.empty() ? 1 : 0) << "\n";
}
