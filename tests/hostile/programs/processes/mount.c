// @profiles all
#include "hostile.h"
int main(void) { return print_result(mount("none", "/w", "tmpfs", 0, 0) == 0 || umount2("/proc", MNT_DETACH) == 0); }
