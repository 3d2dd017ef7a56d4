/*
 * Usage of the slot's processes from /proc. A process that starts and ends between two samples is missed, which is
 * why the mode no-cgroup is part of every verdict.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc_usage.h"

static ssize_t read_proc_file(const char *pid, const char *name, char *text, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	return n;
}

static void add_process(const char *pid, int by_pss, int64_t *ticks, int64_t *kb)
{
	char text[2048], *rest;
	unsigned long user, system, child_user, child_system;
	long rss;
	if (read_proc_file(pid, "stat", text, sizeof text) <= 0 || !(rest = strrchr(text, ')')))
		return;
	if (sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu %*d %*d %*d %*d %*u %*u %ld",
		   &user, &system, &child_user, &child_system, &rss) != 5)
		return;
	*ticks += (int64_t)(user + system + child_user + child_system);
	if (!by_pss)
		*kb += rss * (sysconf(_SC_PAGESIZE) / 1024);
	else if (read_proc_file(pid, "smaps_rollup", text, sizeof text) > 0 && (rest = strstr(text, "\nPss:")))
		*kb += strtoll(rest + 5, NULL, 10);
}

void add_processes(int by_pss, int64_t *ticks, int64_t *kb)
{
	DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && strcmp(e->d_name, "1"))
			add_process(e->d_name, by_pss, ticks, kb);
	if (proc)
		closedir(proc);
}

/* The second number of schedstat: the ns that the thread waited for a CPU. 0 if the kernel has no such file. */
static int64_t read_delay(const char *pid, const char *tid)
{
	char name[64], text[128], *rest;
	snprintf(name, sizeof name, "task/%.20s/schedstat", tid);
	if (read_proc_file(pid, name, text, sizeof text) <= 0 || !(rest = strchr(text, ' ')))
		return 0;
	return strtoll(rest, NULL, 10);
}

static int64_t known_delay(const struct task_delays *known, int tid)
{
	for (int i = 0; i < known->count; i++)
		if (known->tasks[i].tid == tid)
			return known->tasks[i].ns;
	return 0;
}

static void add_threads(const char *pid, struct task_delays *now)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%.20s/task", pid);
	DIR *tasks = opendir(path);
	for (struct dirent *e; tasks && now->count < MAX_WATCHED_TASKS && (e = readdir(tasks));)
		if (e->d_name[0] != '.')
			now->tasks[now->count++] = (struct task_delay){ atoi(e->d_name), read_delay(pid, e->d_name) };
	if (tasks)
		closedir(tasks);
}

int64_t longest_new_delay(struct task_delays *known)
{
	struct task_delays now = { .count = 0 };
	int64_t longest = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && strcmp(e->d_name, "1"))
			add_threads(e->d_name, &now);
	if (proc)
		closedir(proc);
	for (int i = 0; i < now.count; i++) {
		int64_t new = now.tasks[i].ns - known_delay(known, now.tasks[i].tid);
		longest = new > longest ? new : longest;
	}
	*known = now;
	return longest;
}
