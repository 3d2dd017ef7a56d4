// isolate left io_uring open (2026), by which every call passes the filter. Rings are set up, entered, registered and polled.
// @profiles all
#include "hostile.h"
int main(void)
{
	int got = 0;
	for (unsigned flags = 0; flags < 1 << 18; flags = flags ? flags << 1 : 1) {
		unsigned p[30] = { 0, 0, flags };
		got |= syscall(SYS_io_uring_setup, 4, p) >= 0;
	}
	got |= syscall(SYS_io_uring_enter, 3, 1, 1, 0, 0, 0) >= 0 || errno != ENOSYS;
	got |= syscall(SYS_io_uring_register, -1, 19, 0, 0) >= 0 || errno != ENOSYS;
	return print_result(got || syscall(SYS_io_setup, 4, &got) == 0);
}
