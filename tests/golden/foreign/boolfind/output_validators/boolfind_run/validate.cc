#include "validate.h"
#include <vector>
int main(int argc, char **argv) {
    init_io(argc, argv);
    if (std::string(argv[4]) != "--unused" || std::string(argv[5]) != "argument") abort();
    int runs, n;
    judge_in >> runs;
    std::cout << runs << std::endl;
    for (int run = 1; run <= runs; run++) {
        judge_in >> n;
        std::cout << n << std::endl;
        std::vector<int> bools(n);
        for (int &each : bools) judge_in >> each;
        std::string word;
        int pos;
        while (true) {
            if (!(author_out >> word >> pos)) wrong_answer("run %d: cannot read\n", run);
            if (pos < 0 || pos >= n) wrong_answer("run %d: out of range\n", run);
            if (word == "OUTPUT") break;
            std::cout << (bools[pos] ? "true" : "false") << std::endl;
        }
        if (pos >= n - 1 || !bools[pos] || bools[pos + 1]) wrong_answer("run %d: wrong output\n", run);
    }
    std::string trash;
    if (author_out >> trash) wrong_answer("trailing output\n");
    accept();
}
