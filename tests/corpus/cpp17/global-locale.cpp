#include <iomanip>
#include <iostream>
#include <locale>
int main() {
    std::locale::global(std::locale(""));
    int n; double x, s = 0;
    std::cin >> n;
    for (int i = 0; i < n; i++) std::cin >> x, s += x;
    std::cout << std::fixed << std::setprecision(5) << s / n;
}
