// @profiles all
#include "hostile.h"
int main(void) { char a[128] = { 0 }; ((int *)(void *)a)[0] = 1; ((int *)(void *)a)[1] = 128; return print_result(syscall(SYS_perf_event_open, a, 0, -1, -1, 0) >= 0); }
