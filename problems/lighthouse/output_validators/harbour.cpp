#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

int main(int, char **argv) {
    std::ifstream in(argv[1]);
    std::ofstream message(std::string(argv[3]) + "judgemessage.txt");
    long n, place, asked;
    if (!(in >> n >> place)) return 1;
    std::cout << n << std::endl;
    for (int question = 1; question <= 30; question++) {
        if (!(std::cin >> asked) || asked < 1 || asked > n) {
            message << "question " << question << " is no mile of the coast\n";
            return 43;
        }
        if (asked == place) {
            std::cout << "here" << std::endl;
            message << "found by question " << question << "\n";
            return 42;
        }
        std::cout << (asked < place ? "further" : "nearer") << std::endl;
    }
    message << "not found by 30 questions\n";
    return 43;
}
