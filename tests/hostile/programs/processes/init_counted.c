// /proc must not show even the id of another process, such as init.
// @weak bubblewrap
#include "hostile.h"
#include <dirent.h>
int main(void)
{
	struct stat s;
	int seen = 0;
	DIR *d = opendir("/proc");
	for (struct dirent *e; d && (e = readdir(d));) seen += atoi(e->d_name) > 0 && atoi(e->d_name) != getpid();
	return print_result(seen || stat("/proc/1", &s) == 0);
}
