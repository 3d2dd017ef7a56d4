// The program has ended, but a daemon that it started keeps exchanging the file for a link.
// @collect out
#include "hostile.h"
int main(void)
{
	close(open("out", O_CREAT | O_WRONLY, 0644));
	symlink("/etc/passwd", "link");
	if (fork() == 0) { setsid(); for (;;) syscall(SYS_renameat2, AT_FDCWD, "out", AT_FDCWD, "link", 2); }
	usleep(20000);
	return print_result(0);
}
