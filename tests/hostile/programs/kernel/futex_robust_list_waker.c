// Like futex_waker.c, but without FUTEX_WAKE and set_tid_address: a thread ends and names the word in its list of robust locks.
// @beside kernel/futex_sleeper.c  @limits wall=5 processes=100  @weak shared-pages
#include "hostile.h"
#include <linux/futex.h>
static int *bell;
static void *ring(void *unused)
{
	struct robust_list_head locks = { .list.next = &locks.list, .list_op_pending = (struct robust_list *)bell };
	syscall(SYS_set_robust_list, &locks, sizeof locks);
	syscall(SYS_exit, 0);
	return unused;
}
int main(int count, char **words)
{
	pthread_t t;
	bell = count > 1 ? word_of(words[1]) : shared_word();
	for (int i = 0; i < PATIENCE_MS / 40; i++) pthread_create(&t, 0, ring, 0), usleep(30000);
	return print_result_on_stderr(0);
}
