// @ends cpu|wall  @without cpu|wall  @limits cpu=0.3 wall=1.2
#include "hostile.h"
int main(void)
{
	for (;;) {
		clock_t until = clock() + CLOCKS_PER_SEC / 50;
		while (clock() < until);
		if (fork() > 0) pause(), _exit(0);
	}
}
