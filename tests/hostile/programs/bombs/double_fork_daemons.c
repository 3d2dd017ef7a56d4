// @ends exited  @limits wall=1 processes=12
#include "hostile.h"
int main(void)
{
	for (int i = 0; i < 50; i++)
		if (fork() == 0) { setsid(); if (fork() == 0) { for (;;) pause(); } _exit(0); }
	return 0;
}
