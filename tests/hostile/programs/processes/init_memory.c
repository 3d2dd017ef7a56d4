// bwrap's own init runs as the target's user: written to, it could forge an exit code.
#include "arena.h"
int main(void) { return told(open("/proc/1/mem", O_RDWR) >= 0 || open("/proc/1/maps", O_RDONLY) >= 0 && getchar() == -2); }
