// bwrap's init runs as the same user as the program. A program that could write its memory could forge an exit code.
#include "hostile.h"
int main(void) { return print_result(open("/proc/1/mem", O_RDWR) >= 0 || open("/proc/1/maps", O_RDONLY) >= 0 && getchar() == -2); }
