#include "validate.h"
int main(int argc, char **argv) {
    init_io(argc, argv);
    std::string mode;
    int value, low = 1, high = 1000;
    judge_in >> mode >> value;
    for (int guess, count = 1; count <= 10; count++) {
        if (!(author_out >> guess)) wrong_answer("Guess %d: couldn't read an integer\n", count);
        judge_message("Guess %d is %d\n", count, guess);
        int diff = mode == "fixed" ? value - guess : low == high ? low - guess : guess - low > high - guess ? -1 : 1;
        if (diff == 0) {
            std::cout << "correct\n" << std::flush;
            std::string trash;
            if (author_out >> trash) wrong_answer("Trailing output\n");
            accept();
        }
        std::cout << (diff < 0 ? "lower\n" : "higher\n") << std::flush;
        if (diff < 0) high = std::min(high, guess - 1);
        else low = std::max(low, guess + 1);
    }
    wrong_answer("Didn't get to correct answer in 10 guesses\n");
}
