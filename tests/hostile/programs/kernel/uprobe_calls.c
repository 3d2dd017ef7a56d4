// The kernel lets uretprobe (335) and uprobe (336) pass every filter. Outside of a probe they may only end the caller.
// @profiles all
#include "hostile.h"
int main(void)
{
	int got = 0;
	for (long call = 335; call <= 336; call++) {
		int status = 0;
		pid_t child = fork();
		if (child == 0) _exit(syscall(call, 0, 0, 0) >= 0 ? 1 : 0);
		waitpid(child, &status, 0);
		got |= WIFEXITED(status) && WEXITSTATUS(status) == 1;
	}
	return print_result(got);
}
