#include <iostream>
enum class Lang { En, De };
using enum Lang;
consteval int square(int x) { return x * x; }
constinit int g = square(3);
constexpr const char* greet(Lang l) { switch (l) { case En: return "Hello, World!"; case De: return "Hallo, Welt!"; } return ""; }
int main() { const char8_t* u = u8"ü"; std::cout << greet(g == 9 && u[0] ? En : De) << std::endl; }
