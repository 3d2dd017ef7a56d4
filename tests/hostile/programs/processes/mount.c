// @profiles all
#include "arena.h"
int main(void) { return told(mount("none", "/w", "tmpfs", 0, 0) == 0 || umount2("/proc", MNT_DETACH) == 0); }
