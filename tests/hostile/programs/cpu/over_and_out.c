// Four children use more than the limit together and exit normally before the limit is checked.
// @ends cpu  @limits cpu=0.05 wall=2  @only full
#include "hostile.h"
int main(void)
{
	for (int i = 0; i < 4; i++) if (fork() == 0) { clock_t end = clock() + CLOCKS_PER_SEC / 20; while (clock() < end); _exit(0); }
	while (wait(NULL) > 0);
	return 0;
}
