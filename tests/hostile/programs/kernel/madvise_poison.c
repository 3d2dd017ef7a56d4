// If a program could mark a page as broken, the machine would lose the page.
// @profiles all
#include "hostile.h"
int main(void) { void *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); return print_result(madvise(p, 4096, 101) == 0); }
