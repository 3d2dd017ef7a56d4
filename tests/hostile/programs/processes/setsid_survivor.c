// @twice
#include "hostile.h"
int main(void)
{
	char name[16] = { 0 };
	int alive = 0;
	for (int p = 2; p < 200; p++) if (p != getpid() && kill(p, 0) == 0) alive = 1;
	snprintf(name, sizeof name, "x");
	if (fork() == 0) { setsid(); if (fork() == 0) { close(0); close(1); close(2); for (;;) pause(); } _exit(0); }
	return print_result(alive);
}
