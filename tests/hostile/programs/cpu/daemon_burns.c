// @ends cpu|wall  @without cpu|wall  @limits cpu=0.2 wall=1
#include "hostile.h"
int main(void)
{
	if (fork() == 0) { setsid(); if (fork() == 0) for (;;); _exit(0); }
	wait(0);
	for (;;) pause();
}
