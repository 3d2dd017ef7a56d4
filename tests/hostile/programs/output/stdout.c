// @ends output  @limits output=10000
#include "arena.h"
int main(void) { for (;;) puts("0123456789"); }
