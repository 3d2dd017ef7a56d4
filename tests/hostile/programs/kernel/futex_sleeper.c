// Is it woken by a box beside it? A futex on a page of libc, whose inode all boxes of a slot's root have in common.
// @beside kernel/futex_waker.c  @limits wall=5 processes=100  @weak launcher bubblewrap
#include "hostile.h"
#include <linux/futex.h>
int main(void)
{
	int *bell = shared_word();
	struct timespec wait = { 2, 500000000 };
	return print_result_on_stderr(syscall(SYS_futex, bell, FUTEX_WAIT, *bell, &wait, 0, 0) == 0);
}
