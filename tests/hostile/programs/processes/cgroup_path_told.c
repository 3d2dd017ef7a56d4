// /proc/self/cgroup must not name the slot or the worker's container.
#include "hostile.h"
int main(void)
{
	char line[4096];
	int told = 0;
	FILE *f = fopen("/proc/self/cgroup", "r");
	while (f && fgets(line, sizeof line, f)) told |= strstr(line, ":/\n") == 0;
	return print_result(told);
}
