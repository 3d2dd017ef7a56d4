#include "validate.h"
int main(int argc, char **argv) {
    init_io(argc, argv);
    long long wanted, found;
    while (judge_ans >> wanted) {
        if (!(author_out >> found)) wrong_answer("too few lines");
        if (found != wanted) wrong_answer("%lld is not %lld", found, wanted);
    }
    std::string trash;
    if (author_out >> trash) wrong_answer("trailing output");
    accept();
}
