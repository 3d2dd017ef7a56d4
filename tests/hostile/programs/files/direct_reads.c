// Reads a file of the host from the disk itself, past the file cache, again and again.
// @profiles all
#include "hostile.h"
int main(void)
{
	static char page[8192] __attribute__((aligned(4096)));
	int direct = open("/usr/bin/env", O_RDONLY | O_DIRECT), at = openat(AT_FDCWD, "/usr/bin/env", O_RDONLY | O_DIRECT);
	int plain = open("/usr/bin/env", O_RDONLY);
	fcntl(plain, F_SETFL, O_DIRECT);
	return print_result(direct >= 0 || at >= 0 || syscall(SYS_open, "/usr/bin/env", O_DIRECT) >= 0 ||
		(fcntl(plain, F_GETFL) & O_DIRECT) || read(plain, page, 4096) != 4096);
}
