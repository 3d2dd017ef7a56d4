// Tries to wake futex_sleeper.c in the box beside it.
// @beside kernel/futex_sleeper.c  @limits wall=5  @weak shared-pages
#include "hostile.h"
#include <linux/futex.h>
int main(int count, char **words)
{
	int *bell = count > 1 ? word_of(words[1]) : shared_word();
	long woken = 0;
	for (int i = 0; i < PATIENCE_MS / 10 && woken <= 0; i++) woken = syscall(SYS_futex, bell, FUTEX_WAKE, 1, 0, 0, 0), usleep(10000);
	return print_result_on_stderr(woken > 0);
}
