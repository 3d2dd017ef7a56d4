#include "validate.h"
int main(int argc, char **argv) {
    init_io(argc, argv);
    long long c, a, b;
    judge_in >> c;
    if (!(author_out >> a >> b) || a + b != c) wrong_answer("not the sum");
    accept();
}
