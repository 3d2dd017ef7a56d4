/* Calls one function of mounts.c, whose system call number N fails, and prints its answer and the descriptors left open. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int calls, failing;

/* Each system call that would open a mount opens a folder of the test instead. */
static long fake_syscall(long number, ...)
{
	if (calls++ == failing)
		return errno = ENOMEM, -1;
	if (number == SYS_fsopen || number == SYS_fspick || number == SYS_open_tree || number == SYS_fsmount)
		return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}
#define syscall fake_syscall
#include "mounts.c"

static int count_open(void)
{
	int count = 0;
	DIR *d = opendir("/proc/self/fd");
	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

int main(int argc, char **argv)
{
	int before = count_open(), tree = -1, fd = -1;
	failing = argc > 2 ? atoi(argv[2]) : -1;
	if (!strcmp(argv[1], "create_work_tmpfs"))
		fd = create_work_tmpfs(4096);
	else if (!strcmp(argv[1], "resize_work_tmpfs"))
		fd = resize_work_tmpfs(0, 4096);
	else if (!strcmp(argv[1], "clone_tree"))
		fd = clone_tree("/", 0);
	else if (!strcmp(argv[1], "open_without_path"))
		fd = open_without_path(0, &tree);
	printf("%d %d %d\n", fd < 0, count_open() - before - (tree >= 0), fd < 0 ? errno == ENOMEM || errno == EEXIST : 1);
	return 0;
}
