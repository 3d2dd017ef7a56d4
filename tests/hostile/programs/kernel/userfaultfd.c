// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_userfaultfd, 1) >= 0 || open("/dev/userfaultfd", O_RDWR) >= 0); }
