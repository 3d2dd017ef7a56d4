// Waits on a futex on a page of libc, or of the named file. A box beside it must not wake it.
// @beside kernel/futex_waker.c  @limits wall=5 processes=100  @weak shared-pages
#include "hostile.h"
#include <linux/futex.h>
int main(int count, char **words)
{
	int *bell = count > 1 ? word_of(words[1]) : shared_word();
	struct timespec wait = { PATIENCE_MS / 1000, PATIENCE_MS % 1000 * 1000000 };
	return print_result_on_stderr(syscall(SYS_futex, bell, FUTEX_WAIT, *bell, &wait, 0, 0) == 0);
}
