// /proc of a box shows only its own processes, and nothing about the kernel.
// @profiles all
#include "hostile.h"
#include <dirent.h>
int main(void)
{
	static const char *names[] = { "sys", "sysrq-trigger", "kallsyms", "keys", "key-users", "meminfo", "loadavg", "interrupts", "softirqs", "kcore", "config.gz",
		"cmdline", "version", "timer_list", "fs", "bus", "irq", "pressure", "locks", "uptime", "stat", "diskstats", "vmstat", "schedstat", "slabinfo", "swaps", "1/stat", "1/limits", "1/status", "1/cmdline", "1/maps", "1/cgroup", "1/sched" };
	int seen = 0;
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		char p[60], c;
		snprintf(p, sizeof p, "/proc/%s", names[i]);
		int fd = open(p, O_RDONLY);
		DIR *d = opendir(p);
		int entries = 0;
		for (struct dirent *e; d && (e = readdir(d));) entries += e->d_name[0] != '.';
		if ((fd >= 0 && read(fd, &c, 1) > 0) || entries) seen++, fprintf(stderr, "%s ", p);
	}
	return print_result(seen);
}
