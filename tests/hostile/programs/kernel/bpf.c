// @profiles all
#include "hostile.h"
int main(void) { char a[128] = { 0 }; a[0] = 1; a[4] = 4; a[8] = 4; a[12] = 1; return print_result(syscall(SYS_bpf, 0, a, sizeof a) >= 0); }
