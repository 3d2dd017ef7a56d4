/*
 * What a slot without cgroups can see of its own processes: their CPU ticks and their memory, by looking into
 * /proc. Short bursts between two looks are missed, which is why every verdict says so (mode no-cgroup).
 */
#ifndef GAVEL_SAMPLING_H
#define GAVEL_SAMPLING_H
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_proc(const char *pid, const char *what, char *text, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%.20s/%s", pid, what);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	return n;
}

/* CPU ticks and memory of one process; `fairly` divides what is shared among its sharers, but costs more. */
static void add_process(const char *pid, int fairly, int64_t *ticks, int64_t *kb)
{
	char text[2048], *rest;
	unsigned long user, system, cuser, csystem;
	long rss;
	if (read_proc(pid, "stat", text, sizeof text) <= 0 || !(rest = strrchr(text, ')')))
		return;
	if (sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu %*d %*d %*d %*d %*u %*u %ld",
		   &user, &system, &cuser, &csystem, &rss) != 5)
		return;
	*ticks += (int64_t)(user + system + cuser + csystem);
	if (!fairly)
		*kb += rss * (sysconf(_SC_PAGESIZE) / 1024);
	else if (read_proc(pid, "smaps_rollup", text, sizeof text) > 0 && (rest = strstr(text, "\nPss:")))
		*kb += strtoll(rest + 5, NULL, 10);
}

static void add_processes(int fairly, int64_t *ticks, int64_t *kb)
{
	DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && strcmp(e->d_name, "1"))
			add_process(e->d_name, fairly, ticks, kb);
	if (proc)
		closedir(proc);
}
#endif
