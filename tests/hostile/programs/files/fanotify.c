// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_fanotify_init, 0, 0) >= 0); }
