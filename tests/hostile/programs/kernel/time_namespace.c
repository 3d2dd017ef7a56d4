// @profiles all
#include "hostile.h"
int main(void)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY);
	int moved = fd >= 0 && write(fd, "monotonic 1000 0", 16) > 0;
	return print_result(moved || unshare(0x80) == 0 || syscall(SYS_clone, 0x80 | SIGCHLD, 0, 0, 0, 0) >= 0);
}
