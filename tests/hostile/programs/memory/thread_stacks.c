// @ends memory|exited|signalled  @without memory|exited|signalled  @limits memory=32 wall=2 processes=40  @never TOUCHED
#include "hostile.h"
static void *eat(void *p) { volatile char room[6 << 20]; for (int i = 0; i < (6 << 20); i += 4096) room[i] = 1; sleep(1); return p; }
int main(void)
{
	pthread_t t[30];
	int n = 0;
	while (n < 30 && pthread_create(&t[n], 0, eat, 0) == 0) n++;
	for (int i = 0; i < n; i++) pthread_join(t[i], 0);
	if (n >= 20) puts("TOUCHED");
	return 0;
}
