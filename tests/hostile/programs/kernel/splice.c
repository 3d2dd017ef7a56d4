// Moves pages instead of copying them: to the pipe that the sandbox reads, and out of a file of the host (Dirty Pipe).
// @profiles all
#include "hostile.h"
int main(void)
{
	struct { void *at; size_t n; } one = { &one, 1 };
	int p[2];
	pipe(p);
	return print_result(syscall(SYS_vmsplice, 1, &one, 1, 0) >= 0 || syscall(SYS_tee, 0, 1, 1, 0) >= 0 || syscall(SYS_splice, open("/usr/bin/env", O_RDONLY), 0, p[1], 0, 1, 0) >= 0);
}
