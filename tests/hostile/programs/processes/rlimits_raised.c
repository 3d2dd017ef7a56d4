#include "hostile.h"
int main(void)
{
	struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };
	return print_result(setrlimit(RLIMIT_NOFILE, &r) == 0 || setrlimit(RLIMIT_CORE, &r) == 0 || setrlimit(RLIMIT_FSIZE, &r) == 0);
}
