// @profiles all
#include "arena.h"
int main(void) { return told(syscall(SYS_reboot, 0, 0, 0, 0) == 0 || syscall(SYS_swapoff, "/w/none") == 0 || errno == 99999); }
