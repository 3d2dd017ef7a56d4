// @profiles all
#include "hostile.h"
int main(void) { return print_result(open("/dev/tty", O_RDWR) >= 0 || posix_openpt(O_RDWR) >= 0 || getsid(0) == 0); }
