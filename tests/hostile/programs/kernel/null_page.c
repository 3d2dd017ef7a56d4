// @profiles all
#include "hostile.h"
int main(void) { return print_result(mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == 0); }
