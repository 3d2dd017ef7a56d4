#include "testlib.h"

int main(int argc, char *argv[]) {
    registerTestlibCmd(argc, argv);
    int n = inf.readInt(), right = ans.readInt(), given = ouf.readInt();
    if (given == right) quitf(_ok, "right");
    if (given == right - 1 && n > 100) quitp(0.5, "half of it");
    quitf(_wa, "expected %d, found %d", right, given);
}
