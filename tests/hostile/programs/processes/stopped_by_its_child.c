// A child tries to stop its parent. The output would then depend on timing. The signals are refused, and the parent goes on.
// @says held  @exit 0
#include "hostile.h"
int main(void)
{
	if (fork() == 0) {
		for (int s = SIGSTOP; s <= SIGTTOU; s++)
			if (kill(getppid(), s) == 0 || kill(0, s) == 0 || kill(-1, s) == 0 || syscall(SYS_tkill, getppid(), s) == 0 || raise(s) == 0) puts("ESCAPED"), fflush(stdout);
		_exit(0);
	}
	wait(0);
	return print_result(0);
}
