// Makes calls that programming courses teach: choose a core, set a limit, write a file. A call may be refused, but the program goes on.
// @says held
#include "hostile.h"
int main(void)
{
	cpu_set_t s;
	CPU_ZERO(&s);
	CPU_SET(0, &s);
	int refused = sched_setaffinity(0, sizeof s, &s) < 0 && errno == EPERM;
	struct rlimit up = { RLIM_INFINITY, RLIM_INFINITY }, now;
	refused &= setrlimit(RLIMIT_NOFILE, &up) < 0 && errno == EPERM;
	getrlimit(RLIMIT_STACK, &now), setrlimit(RLIMIT_STACK, &now);
	FILE *f = fopen("out.txt", "w");
	fprintf(f, "x"), fclose(f);
	errno = 0;
	refused &= fopen("/usr/out.txt", "w") == 0 && (errno == EROFS || errno == EACCES);
	return print_result(!refused);
}
