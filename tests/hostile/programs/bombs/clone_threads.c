// @ends wall|exited  @limits wall=0.4 processes=12  @never MANY
#include "hostile.h"
static void *rest(void *p) { pause(); return p; }
int main(void)
{
	int n = 0;
	pthread_t t;
	while (n < 200 && pthread_create(&t, 0, rest, 0) == 0) n++;
	puts(n > 20 ? "MANY" : "few");
	return 0;
}
