#include "testlib.h"
#include <iostream>

int main(int argc, char *argv[]) {
    setName("guess it");
    registerInteraction(argc, argv);
    int secret = inf.readInt(), questions = 0;
    while (true) {
        int guess = ouf.readInt(1, 100);
        ++questions;
        std::cout << (guess == secret ? "right" : guess < secret ? "more" : "less") << std::endl;
        if (guess == secret) break;
    }
    tout << questions << std::endl;
    quitf(_ok, "%d questions", questions);
}
