// @profiles all
#include "arena.h"
int main(void) { return told(syscall(SYS_userfaultfd, 1) >= 0 || open("/dev/userfaultfd", O_RDWR) >= 0); }
