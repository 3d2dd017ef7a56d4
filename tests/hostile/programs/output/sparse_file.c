// @ends output|exited  @limits file=1000000  @never ESCAPED
#include "hostile.h"
int main(void) { signal(SIGXFSZ, SIG_IGN); int fd = open("s", O_RDWR | O_CREAT, 0600); return print_result(ftruncate(fd, 1L << 40) == 0); }
