// bwrap's own init runs as the target's user: written to, it could forge an exit code.
#include "hostile.h"
int main(void) { return print_result(open("/proc/1/mem", O_RDWR) >= 0 || open("/proc/1/maps", O_RDONLY) >= 0 && getchar() == -2); }
