// The entry for 32-bit calls has its own numbers: 102 is socketcall there.
// @ends signalled  @profiles all
#include "hostile.h"
int main(void) { long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20)); return print_result(r > 0); }
