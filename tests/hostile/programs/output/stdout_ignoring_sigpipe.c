// @ends output  @limits output=10000 wall=2
#include "hostile.h"
int main(void) { signal(SIGPIPE, SIG_IGN); for (;;) puts("0123456789"); }
