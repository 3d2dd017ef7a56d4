// Makes hard links from descriptors: of standard input, of a file of the host, and of a file without a name.
// @collect out  @brings own
#include "hostile.h"
int main(void)
{
	int env = open("/usr/bin/env", O_RDONLY), own = open(".", O_TMPFILE | O_RDWR, 0644);
	char p[32];
	snprintf(p, sizeof p, "/proc/self/fd/%d", env);
	int hit = linkat(AT_FDCWD, "/proc/self/fd/0", AT_FDCWD, "out", AT_SYMLINK_FOLLOW) == 0 || linkat(AT_FDCWD, p, AT_FDCWD, "out", AT_SYMLINK_FOLLOW) == 0;
	snprintf(p, sizeof p, "/proc/self/fd/%d", own);
	linkat(AT_FDCWD, p, AT_FDCWD, "out", AT_SYMLINK_FOLLOW);
	return print_result(hit);
}
