// @ends cpu  @limits cpu=0.2 wall=2  @cpu 200
#include "hostile.h"
int main(void) { static char b[1 << 16]; int fd = open("/dev/urandom", O_RDONLY); for (;;) if (read(fd, b, sizeof b) < 0) return 1; }
