// @ends memory|signalled  @limits memory=32 wall=2
#include "hostile.h"
static volatile int sink;
__attribute__((noinline)) int dive(int n) { volatile char room[65536]; memset((void *)room, n, sizeof room); sink += room[n & 1023]; return n < 0 ? 0 : dive(n + 1) + room[0]; }
int main(void) { return dive(1); }
