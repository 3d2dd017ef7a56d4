/* Detached mount trees, and the tmpfs that holds the files of one box. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mounts.h"

enum { MAX_PATH = 4096 };

int write_file(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CLOEXEC | O_TRUNC | O_CREAT, 0644);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	int saved = errno;
	close(fd);
	errno = saved;
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/*
 * Closes a descriptor after an error, since the zygote goes on and would leak it. Returns -1, and keeps
 * errno.
 */
static int close_failed(int fd)
{
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int make_parents(int dir, const char *path)
{
	char part[MAX_PATH];
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t n = (size_t)(slash - path);
		if (n == 0)
			continue;
		if (n >= sizeof part)
			return errno = ENAMETOOLONG, -1;
		memcpy(part, path, n);
		part[n] = 0;
		if (mkdirat(dir, part, 0755) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

int bind_to(const char *source, const char *target)
{
	return mount(source, target, NULL, MS_BIND, NULL);
}

/* Devices are read-only, too. A program can still write to a device, but cannot change its times, which every box sees. */
int clone_tree(const char *source, int is_device)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | (is_device ? 0 : MOUNT_ATTR_NODEV) };
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSE);
	if (tree < 0)
		return -1;
	return syscall(SYS_mount_setattr, tree, "", AT_EMPTY | AT_RECURSE, &a, sizeof a) < 0 ? close_failed(tree) : tree;
}

int attach_tree(int tree, const char *target)
{
	return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
}

int add_tree(int root, int tree, const char *target)
{
	struct stat st;
	if (make_parents(root, target) < 0 || fstat(tree, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		if (mkdirat(root, target, 0755) < 0 && errno != EEXIST)
			return -1;
	} else {
		int fd = openat(root, target, O_CREAT | O_CLOEXEC | O_WRONLY, 0444);
		if (fd < 0)
			return -1;
		close(fd);
	}
	return attach_tree(tree, target);
}

/*
 * The file is opened through a detached mount that holds nothing else, so /proc shows "/" as its path. That mount is
 * read-only if the mount through which `named` was opened is. It lasts until `*tree` is closed.
 */
int open_without_path(int named, int *tree)
{
	char path[32];
	*tree = (int)syscall(SYS_open_tree, named, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY);
	if (*tree < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", *tree);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		*tree = close_failed(*tree);
	return fd;
}

static int set_size(int fs, uint64_t bytes)
{
	char text[32];
	snprintf(text, sizeof text, "%llu", (unsigned long long)bytes);
	return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "size", text, 0);
}

static int configure_work_tmpfs(int fs, uint64_t bytes)
{
	if (set_size(fs, bytes) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "755", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "nr_inodes", "65536", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

int create_work_tmpfs(uint64_t bytes)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -1;
	int work = configure_work_tmpfs(fs, bytes);
	if (work < 0)
		return close_failed(fs);
	close(fs);
	if (mkdirat(work, "w", 0755) < 0 || mkdirat(work, "tmp", 0777) < 0)
		return close_failed(work);
	return work;
}

int resize_work_tmpfs(int work, uint64_t bytes)
{
	int fs = (int)syscall(SYS_fspick, work, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (fs < 0)
		return -1;
	if (set_size(fs, bytes) < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return close_failed(fs);
	return close(fs);
}
