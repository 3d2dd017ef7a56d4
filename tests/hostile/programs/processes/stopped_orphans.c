// Children sleep in sessions of their own, and no process waits for them. They must end with the run.
// @twice
#include "hostile.h"
int main(void)
{
	int alive = 0;
	for (int p = 2; p < 200; p++) if (p != getpid() && kill(p, 0) == 0) alive = 1;
	for (int i = 0; i < 5; i++) if (fork() == 0) { setsid(); for (;;) pause(); }
	usleep(20000);
	return print_result(alive);
}
