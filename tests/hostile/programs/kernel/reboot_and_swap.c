// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_reboot, 0, 0, 0, 0) == 0 || syscall(SYS_swapoff, "/w/none") == 0 || errno == 99999); }
