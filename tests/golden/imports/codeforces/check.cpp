#include "testlib.h"

int main(int argc, char *argv[]) {
    registerTestlibCmd(argc, argv);
    int n = inf.readInt();
    ans.readInt(1, n);
    ans.readInt(1, n);
    int a = ouf.readInt(1, n, "first"), b = ouf.readInt(1, n, "second");
    if (a + b != n) quitf(_wa, "%d + %d is not %d", a, b, n);
    quitf(_ok, "%d + %d", a, b);
}
