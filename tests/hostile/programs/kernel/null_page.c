// @profiles all
#include "arena.h"
int main(void) { return told(mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == 0); }
