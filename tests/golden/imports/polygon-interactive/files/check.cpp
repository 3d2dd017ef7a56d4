#include "testlib.h"

int main(int argc, char *argv[]) {
    registerTestlibCmd(argc, argv);
    int allowed = ans.readInt(), asked = ouf.readInt();
    if (asked > allowed) quitf(_wa, "%d questions, at most %d", asked, allowed);
    quitf(_ok, "%d questions", asked);
}
