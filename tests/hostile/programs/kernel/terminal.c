// @profiles all
#include "arena.h"
int main(void) { return told(open("/dev/tty", O_RDWR) >= 0 || posix_openpt(O_RDWR) >= 0 || getsid(0) == 0); }
