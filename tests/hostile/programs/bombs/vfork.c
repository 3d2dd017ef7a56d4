// @ends wall|cpu|exited  @limits wall=0.4 processes=12
#include "hostile.h"
int main(void)
{
	for (int i = 0; i < 2000; i++) {
		pid_t p = vfork();
		if (p == 0) { execl("/bin/sleep", "sleep", "5", (char *)0); _exit(1); }
	}
	pause();
}
