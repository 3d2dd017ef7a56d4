// The parent is the box's init. init_memory.c explains why its memory must be closed.
#include "hostile.h"
int main(void) { char p[64]; snprintf(p, sizeof p, "/proc/%d/mem", getppid()); return print_result(open(p, O_RDWR) >= 0); }
