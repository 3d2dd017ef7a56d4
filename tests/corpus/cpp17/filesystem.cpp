#include <filesystem>
#include <fstream>
#include <iostream>
namespace fs = std::filesystem;
int main() {
    fs::path p = fs::temp_directory_path() / "note.txt";
    std::ofstream(p) << "Hello, World!\n";
    std::ifstream in(p);
    std::cout << in.rdbuf();
}
