// The parent is the box's init: see init_memory.c.
#include "hostile.h"
int main(void) { char p[64]; snprintf(p, sizeof p, "/proc/%d/mem", getppid()); return print_result(open(p, O_RDWR) >= 0); }
