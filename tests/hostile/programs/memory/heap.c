// @ends memory  @without exited|signalled|memory  @limits memory=32 wall=2
#include "hostile.h"
int main(void) { for (;;) { char *p = malloc(1 << 20); if (!p) return 1; memset(p, 1, 1 << 20); } }
