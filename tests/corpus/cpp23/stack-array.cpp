#include <iostream>
int main() {
    int a[10000000];
    std::cin >> a[0] >> a[9999999];
    std::cout << a[0] + a[9999999] << std::endl;
}
