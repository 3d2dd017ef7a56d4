// Asks for names that do not exist. The kernel remembers each of them. The next run must neither wait for that nor be charged for it.
// @ends exited|cpu|memory|wall @limits cpu=1 wall=60 memory=256 @twice  @long
#include "hostile.h"
int main(void)
{
	char name[300];
	struct stat s;
	for (long i = 0; clock() < CLOCKS_PER_SEC * 8 / 10; i++) snprintf(name, sizeof name, "/usr/share/%0200ld", i + getpid() * 100000000L), stat(name, &s);
	return print_result(0);
}
