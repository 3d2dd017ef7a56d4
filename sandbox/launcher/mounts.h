/*
 * Files and mounts: pieces of the host taken as detached trees and hung below a root that is being built, and the
 * tmpfs of a box. Used by us on paths of our own making only, before anything untrusted runs beside them.
 */
#ifndef GAVEL_TREES_H
#define GAVEL_TREES_H
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATHS = 4096 };

/* Not from <sys/mount.h>: it clashes with <linux/mount.h>, and older libcs lack half of it. */
#define MNT_DETACH 2
#define AT_EMPTY 0x1000      /* AT_EMPTY_PATH */
#define AT_RECURSE 0x8000    /* AT_RECURSIVE */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);

static int write_file(int dir, const char *path, const char *text)
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

/* Make every folder of `path` above its last component, beneath `dir`. */
static int make_parents(int dir, const char *path)
{
	char part[PATHS];
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

/* Read-only, devices too: writing into one stays possible, but nothing writes its times, which all boxes would see. */
static int grab_tree(const char *source, int device)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | (device ? 0 : MOUNT_ATTR_NODEV) };
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSE);
	if (tree < 0)
		return -1;
	return syscall(SYS_mount_setattr, tree, "", AT_EMPTY | AT_RECURSE, &a, sizeof a) < 0 ? -1 : tree;
}

static int hang_tree(int tree, const char *target)
{
	return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
}

/*
 * The same file opened for reading on a mount that holds nothing but it and hangs nowhere: its path is "/", whatever
 * its name is elsewhere. The mount is as closed to writing as the one it came by, and goes with `*tree`.
 */
static int open_unnamed(int named, int *tree)
{
	char path[32];
	*tree = (int)syscall(SYS_open_tree, named, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY);
	snprintf(path, sizeof path, "/proc/self/fd/%d", *tree);
	return *tree < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
}

/* Hang a tree at a path below the new root, making a file or folder to hang it on. */
static int place_tree(int root, int tree, const char *target)
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
	return hang_tree(tree, target);
}

static int size_work(int fs, uint64_t size)
{
	char text[32];
	snprintf(text, sizeof text, "%llu", (unsigned long long)size);
	return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "size", text, 0);
}

/* A detached tmpfs with the two folders that a box sees as /w and /tmp. */
static int make_work(uint64_t bytes)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0 || size_work(fs, bytes) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "755", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "nr_inodes", "65536", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	int work = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	close(fs);
	if (work >= 0 && (mkdirat(work, "w", 0755) < 0 || mkdirat(work, "tmp", 0777) < 0))
		return -1;
	return work;
}

/* Give a tmpfs that is in use another size. */
static int resize_work(int work, uint64_t size)
{
	int fs = (int)syscall(SYS_fspick, work, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (fs < 0 || size_work(fs, size) < 0)
		return -1;
	int done = (int)syscall(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
	close(fs);
	return done;
}
#endif
