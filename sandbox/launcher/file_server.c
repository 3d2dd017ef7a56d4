/*
 * Serves the host's files to the boxes of one slot through FUSE, read-only.
 *
 * Why. The kernel identifies a futex in a file by the file's inode. Boxes of two slots that map the same libc
 * can wake each other through such a futex, and no list of system calls prevents that
 * (docs/explanation/threat-model.md). This file system gives each slot its own inodes, and so its own
 * pages. Only files that boxes open are copied into memory.
 *
 * How. The kernel sends FUSE requests, which the code calls questions. It asks for names, attributes, opened
 * files and blocks, and it caches the answers. If a program has run in this slot before, the kernel asks for
 * little else than to open its files. A node is a name below its parent. The server opens the node's path again for
 * each question. `facts` tell whether the file there is still the one that the kernel knows. If it is not,
 * the answer is ESTALE, and the kernel looks the name up again. A file that is open already does not change.
 *
 * Trust. The kernel asks only about nodes that this process returned to it. The names come from programs in
 * boxes. They cannot lead outside the entry (RESOLVE_BENEATH), and this process has only the rights of the
 * slot's user.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/fuse.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "file_server.h"
#include "launcher.h"
#include "missing_names.h"
#include "stored_pages.h"

enum {
	BUCKETS = 1 << 14, MOST_PATH = 4096, PAGES = 256, BLOCK_BYTES = PAGES * 4096, QUESTION_BYTES = 1 << 16,
	SYSTEM_SECONDS = 60, SHARE_SECONDS = 1, /* how long the kernel may cache a name */
};

/*
 * A file is the same while all of these are equal. For a folder they are not compared, since its files change.
 */
struct facts { dev_t device; ino_t inode; off_t size; struct timespec changed, modified; };

/*
 * A name that the kernel knows. Its address is the id by which the kernel asks for it. It is freed when
 * neither the kernel nor a child refers to it.
 */
struct node {
	struct node *parent, *next;
	uint64_t lookups, children;
	int entry, listed;             /* `listed`: in `buckets`, until another file has its name */
	mode_t mode;
	struct facts facts;
	struct pages pages;
	char name[];
};

/*
 * One entry of the slot's root. If it is a single file, the file stays open, since it is a separate mount,
 * which the kernel never looks up again.
 */
struct exported { int fd, is_file; };

static struct exported exported[MAX_ROOT_ENTRIES];
static dev_t system_device;            /* the device of the first entry, which is /usr */
static struct node top = { .lookups = 1, .entry = -1, .mode = S_IFDIR };
static struct node *buckets[BUCKETS];
static char block[BLOCK_BYTES];
static int device_fd;

/* ---------------------------------------------------------------- answers */

/* Returns 0, or -1 if the process that asked was killed. */
static int answer(const struct fuse_in_header *question, int error, const void *data, size_t size)
{
	struct fuse_out_header head = { (uint32_t)(sizeof head + size), -error, question->unique };
	struct iovec parts[] = { { &head, sizeof head }, { (void *)(uintptr_t)data, size } };
	return writev(device_fd, parts, size ? 2 : 1) < 0 ? -1 : 0;
}

static void answer_error(const struct fuse_in_header *question, int error)
{
	answer(question, error, NULL, 0);
}

/* ---------------------------------------------------------------- nodes */

static struct node *node_of(uint64_t id)
{
	return id == FUSE_ROOT_ID ? &top : (struct node *)(uintptr_t)id;
}

static struct node **bucket_of(const struct node *parent, const char *name)
{
	uint64_t hash = (uint64_t)(uintptr_t)parent;
	for (const char *p = name; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	return &buckets[(hash ^ hash >> 29) % BUCKETS];
}

static struct node *find_node(const struct node *parent, const char *name)
{
	struct node *n = *bucket_of(parent, name);
	while (n && (n->parent != parent || strcmp(n->name, name)))
		n = n->next;
	return n;
}

static void unlist(struct node *node)
{
	struct node **place = bucket_of(node->parent, node->name);
	while (*place && *place != node)
		place = &(*place)->next;
	if (*place)
		*place = node->next;
	node->listed = 0;
}

static void free_unused(struct node *node)
{
	while (node != &top && !node->lookups && !node->children) {
		struct node *parent = node->parent;
		if (node->listed)
			unlist(node);
		free(node);
		parent->children--;
		node = parent;
	}
}

/*
 * The kernel forgets an inode when it has dropped its pages. It may have looked the name up again before this
 * process reads the message, and then the pages may be those of the new inode. So this process still counts
 * them, and drops them at the next opening of the file.
 */
static void forget(uint64_t id, uint64_t count)
{
	struct node *node = node_of(id);
	if (node == &top)
		return;
	node->lookups -= count < node->lookups ? count : node->lookups;
	if (node->lookups)
		node->pages.was_read = 1;
	else
		forget_pages(&node->pages);
	free_unused(node);
}

static int is_share(int entry)
{
	return entry >= 0 && slot.entries[entry].kind == 's';
}

static struct node *add_node(struct node *parent, const char *name, int entry)
{
	struct node **place = bucket_of(parent, name), *node = calloc(1, sizeof *node + strlen(name) + 1);
	if (!node)
		return NULL;
	strcpy(node->name, name);
	node->parent = parent, node->entry = entry, node->listed = 1;
	node->pages.node = (uint64_t)(uintptr_t)node, node->pages.of_share = is_share(entry);
	node->next = *place, *place = node;
	parent->children++;
	return node;
}

/* ---------------------------------------------------------------- files of the host */

static struct facts facts_of(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return (struct facts){ .device = st->st_dev, .inode = st->st_ino };
	return (struct facts){ st->st_dev, st->st_ino, st->st_size, st->st_ctim, st->st_mtim };
}

static int same_facts(const struct facts *a, const struct facts *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
	       a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

static int is_same_file(const struct node *node, const struct stat *st)
{
	struct facts now = facts_of(st);
	if (S_ISDIR(st->st_mode))
		return S_ISDIR(node->mode);
	return (node->mode & S_IFMT) == (st->st_mode & S_IFMT) && same_facts(&node->facts, &now);
}

/* The node's path below its entry, written backwards into the buffer's end; NULL when it is too long. */
static const char *path_of(const struct node *node, char *buffer)
{
	char *start = buffer + MOST_PATH - 1;
	*start = 0;
	for (; node->parent != &top; node = node->parent) {
		size_t n = strlen(node->name);
		if ((size_t)(start - buffer) < n + 1)
			return errno = ENAMETOOLONG, NULL;
		if (*start)
			*--start = '/';
		start -= n;
		memcpy(start, node->name, n);
	}
	return *start ? start : ".";
}

static int open_path(int entry, const char *path, int flags)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC),
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	return (int)syscall(SYS_openat2, exported[entry].fd, path, &how, sizeof how);
}

/* A single file stays the file that was mounted, as with a bind, even if the host replaces, renames or removes it. */
static int is_single(const struct node *node)
{
	return node->parent == &top && exported[node->entry].is_file;
}

/* The node's file, if it is still the file that the kernel knows; else -1 with errno. */
static int open_node(const struct node *node, int flags, struct stat *st)
{
	char buffer[MOST_PATH];
	const char *path = path_of(node, buffer);
	int fd = !path ? -1 : is_single(node) ? dup(exported[node->entry].fd) : open_path(node->entry, path, flags);
	if (fd < 0)
		return -1;
	int error = fstat(fd, st) < 0 ? errno : is_single(node) || is_same_file(node, st) ? 0 : ESTALE;
	if (!error)
		return fd;
	close(fd);
	return errno = error, -1;
}

/*
 * All files are on one device here. So files of two devices of the host must not have the same inode number, since ld.so
 * would take one library for another. The device changes only bits 32 to 52, since some languages keep a number in a double.
 */
static uint64_t number_of(dev_t device, uint64_t inode)
{
	return inode ^ (uint64_t)(device ^ system_device) * 0x9e3779b97f4a7c15u >> 43 << 32;
}

static struct fuse_attr attributes_of(const struct stat *st)
{
	return (struct fuse_attr){
		.ino = number_of(st->st_dev, st->st_ino), .size = (uint64_t)st->st_size, .blocks = (uint64_t)st->st_blocks,
		.atime = (uint64_t)st->st_mtim.tv_sec, .atimensec = (uint32_t)st->st_mtim.tv_nsec,
		.mtime = (uint64_t)st->st_mtim.tv_sec, .mtimensec = (uint32_t)st->st_mtim.tv_nsec,
		.ctime = (uint64_t)st->st_ctim.tv_sec, .ctimensec = (uint32_t)st->st_ctim.tv_nsec,
		.mode = st->st_mode, .nlink = (uint32_t)st->st_nlink, .uid = st->st_uid, .gid = st->st_gid,
		.blksize = 4096,
	};
}

static uint64_t seconds_valid(int entry)
{
	return is_share(entry) ? SHARE_SECONDS : SYSTEM_SECONDS;
}

/* ---------------------------------------------------------------- questions about names */

static int entry_of_name(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);
	return *name && !*end && number >= 0 && number < slot.entry_count && exported[number].fd >= 0 ? (int)number : -1;
}

static int stat_child(const struct node *parent, const char *name, struct stat *st)
{
	char buffer[MOST_PATH], path[MOST_PATH];
	const char *folder = path_of(parent, buffer);
	if (!folder || snprintf(path, sizeof path, "%s/%s", folder, name) >= MOST_PATH)
		return errno = ENAMETOOLONG, -1;
	int fd = open_path(parent->entry, path, O_PATH);
	if (fd < 0)
		return -1;
	int result = fstat(fd, st), saved = errno;
	close(fd);
	errno = saved;
	return result;
}

/*
 * Python looks up many names that do not exist, so the kernel may cache that a name is missing. In a
 * share, a file can appear at any moment. There the kernel remembers the name, but asks again.
 */
static void answer_missing(const struct fuse_in_header *q, int entry, const char *name)
{
	struct fuse_entry_out none = { .entry_valid = seconds_valid(entry) };
	int error = errno;
	if (error != ENOENT || is_share(entry))
		answer_error(q, error);
	else
		answer(q, 0, &none, sizeof none);
	if (error == ENOENT)
		note_missing_name(q->nodeid, name);
}

static struct node *take_node(struct node *parent, const char *name, int entry, const struct stat *st)
{
	struct node *node = find_node(parent, name);
	if (node && !is_same_file(node, st))
		unlist(node), node = NULL;
	if (!node && !(node = add_node(parent, name, entry)))
		return NULL;
	node->mode = st->st_mode, node->facts = facts_of(st), node->lookups++;
	return node;
}

static void look_up(const struct fuse_in_header *q, const char *name)
{
	struct node *parent = node_of(q->nodeid);
	int entry = parent == &top ? entry_of_name(name) : parent->entry;
	struct stat st;
	if ((errno = ENOENT, entry < 0) || (parent == &top ? fstat(exported[entry].fd, &st) : stat_child(parent, name, &st)) < 0) {
		answer_missing(q, entry, name);
		return;
	}
	struct node *node = take_node(parent, name, entry, &st);
	if (!node) {
		answer_error(q, ENOMEM);
		return;
	}
	struct fuse_entry_out out = { .nodeid = (uint64_t)(uintptr_t)node, .entry_valid = seconds_valid(entry),
				      .attr_valid = seconds_valid(entry), .attr = attributes_of(&st) };
	if (answer(q, 0, &out, sizeof out) < 0)
		forget(out.nodeid, 1);
}

static int stat_node(const struct node *node, const struct fuse_getattr_in *in, struct stat *st)
{
	if (node == &top)
		return *st = (struct stat){ .st_dev = system_device, .st_mode = S_IFDIR | 0755, .st_nlink = 2, .st_ino = FUSE_ROOT_ID }, 0;
	if (in->getattr_flags & FUSE_GETATTR_FH)
		return fstat((int)in->fh, st);
	int fd = open_node(node, O_PATH, st);
	return fd < 0 ? -1 : close(fd);
}

static void get_attributes(const struct fuse_in_header *q, const struct fuse_getattr_in *in)
{
	struct node *node = node_of(q->nodeid);
	struct stat st;
	if (stat_node(node, in, &st) < 0) {
		answer_error(q, errno);
		return;
	}
	struct fuse_attr_out out = { .attr_valid = seconds_valid(node->entry), .attr = attributes_of(&st) };
	answer(q, 0, &out, sizeof out);
}

static void read_link(const struct fuse_in_header *q)
{
	struct stat st;
	int fd = node_of(q->nodeid) == &top ? (errno = EINVAL, -1) : open_node(node_of(q->nodeid), O_PATH, &st);
	ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", block, MOST_PATH);
	if (n < 0)
		answer_error(q, errno);
	else
		answer(q, 0, block, (size_t)n);
	close(fd);
}

/* ---------------------------------------------------------------- questions about content */

static void open_file(const struct fuse_in_header *q, const struct fuse_open_in *in)
{
	struct node *node = node_of(q->nodeid);
	struct stat st;
	if ((in->flags & O_ACCMODE) != O_RDONLY) {
		answer_error(q, EROFS);
		return;
	}
	int fd = open_node(node, O_RDONLY | O_NONBLOCK | O_NOCTTY, &st);
	if (fd < 0) {
		answer_error(q, errno);
		return;
	}
	int keeps_pages = is_same_file(node, &st);
	node->facts = facts_of(&st);
	if (keeps_pages && S_ISREG(st.st_mode))
		store_pages(&node->pages, device_fd, fd, (uint64_t)st.st_size);
	else
		forget_pages(&node->pages);
	struct fuse_open_out out = { .fh = (uint64_t)fd, .open_flags = keeps_pages ? FOPEN_KEEP_CACHE : 0 };
	if (answer(q, 0, &out, sizeof out) < 0)
		close(fd);
	else
		node->pages.opens++;
}

static void read_file(const struct fuse_in_header *q, const struct fuse_read_in *in)
{
	node_of(q->nodeid)->pages.was_read = 1;
	ssize_t n = pread((int)in->fh, block, in->size < BLOCK_BYTES ? in->size : BLOCK_BYTES, (off_t)in->offset);
	if (n < 0)
		answer_error(q, errno);
	else
		answer(q, 0, block, (size_t)n);
}

static size_t add_name(size_t used, size_t space, dev_t device, const struct dirent64 *found)
{
	size_t length = strlen(found->d_name);
	struct fuse_dirent entry = { .ino = number_of(device, found->d_ino), .off = (uint64_t)found->d_off,
				     .namelen = (uint32_t)length, .type = found->d_type };
	size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
	if (used + size > space)
		return 0;
	memset(block + used, 0, size);
	memcpy(block + used, &entry, FUSE_NAME_OFFSET);
	memcpy(block + used + FUSE_NAME_OFFSET, found->d_name, length);
	return size;
}

/* Returns how many bytes of names follow `offset`, or -1 with errno. */
static ssize_t read_names(const struct node *node, off_t offset, char *names, size_t size, struct stat *st)
{
	int fd = node == &top ? (errno = EACCES, -1) : open_node(node, O_RDONLY | O_DIRECTORY, st);
	if (fd < 0)
		return -1;
	ssize_t n = lseek(fd, offset, SEEK_SET) < 0 ? -1 : getdents64(fd, names, size);
	int saved = errno;
	close(fd);
	return errno = saved, n;
}

/*
 * Folders are not opened: FUSE_OPENDIR gets ENOSYS. Then the kernel keeps the list of a folder until the folder's times
 * change, and asks for it only once. It learns the times when it looks the folder's name up again.
 */
static void read_folder(const struct fuse_in_header *q, const struct fuse_read_in *in)
{
	static char names[32768] __attribute__((aligned(8)));
	size_t used = 0, space = in->size < sizeof names ? in->size : sizeof names;
	struct stat st;
	ssize_t n = read_names(node_of(q->nodeid), (off_t)in->offset, names, space, &st);
	if (n < 0) {
		answer_error(q, errno);
		return;
	}
	for (ssize_t at = 0; at < n;) {
		const struct dirent64 *found = (const struct dirent64 *)(names + at);
		size_t added = add_name(used, space, st.st_dev, found);
		if (!added)
			break;
		used += added, at += found->d_reclen;
	}
	answer(q, 0, block, used);
}

static void release(const struct fuse_in_header *q, const struct fuse_release_in *in)
{
	close((int)in->fh);
	node_of(q->nodeid)->pages.opens--;
	answer_error(q, 0);
}

/* ---------------------------------------------------------------- the other questions */

static void greet(const struct fuse_in_header *q, const struct fuse_init_in *in)
{
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
				     .max_readahead = in->max_readahead, .max_background = 16, .congestion_threshold = 12,
				     .max_write = 4096, .time_gran = 1, .max_pages = PAGES };
	out.flags = in->flags & (FUSE_ASYNC_READ | FUSE_PARALLEL_DIROPS | FUSE_MAX_PAGES | FUSE_CACHE_SYMLINKS);
	answer(q, 0, &out, sizeof out);
}

/* A box learns nothing about the host's disk: the sizes are zero. */
static void describe_disk(const struct fuse_in_header *q)
{
	struct fuse_statfs_out out = { .st = { .bsize = 4096, .frsize = 4096, .namelen = NAME_MAX } };
	answer(q, 0, &out, sizeof out);
}

static void forget_many(const struct fuse_batch_forget_in *in)
{
	const struct fuse_forget_one *each = (const struct fuse_forget_one *)(in + 1);
	for (uint32_t i = 0; i < in->count; i++)
		forget(each[i].nodeid, each[i].nlookup);
}

static void answer_question(const struct fuse_in_header *q, const void *in)
{
	switch (q->opcode) {
	case FUSE_LOOKUP: look_up(q, in); break;
	case FUSE_GETATTR: get_attributes(q, in); break;
	case FUSE_OPEN: open_file(q, in); break;
	case FUSE_READ: read_file(q, in); break;
	case FUSE_RELEASE: release(q, in); break;
	case FUSE_READLINK: read_link(q); break;
	case FUSE_READDIR: read_folder(q, in); break;
	case FUSE_FORGET: forget(q->nodeid, ((const struct fuse_forget_in *)in)->nlookup); break;
	case FUSE_BATCH_FORGET: forget_many(in); break;
	case FUSE_INTERRUPT: break;    /* no question waits: each is answered before the next is read */
	case FUSE_STATFS: describe_disk(q); break;
	case FUSE_INIT: greet(q, in); break;
	case FUSE_DESTROY: _exit(0);
	default: answer_error(q, ENOSYS); /* the kernel then works without this call, and does not ask again */
	}
}

/* ---------------------------------------------------------------- set-up */

/* Devices are not served. */
static struct exported open_exported(const struct root_entry *entry)
{
	struct stat st;
	if ((entry->kind != 'b' && entry->kind != 's') || stat(entry->source, &st) < 0)
		return (struct exported){ -1, 0 };
	int is_file = !S_ISDIR(st.st_mode);
	system_device = system_device ? system_device : st.st_dev;
	return (struct exported){ open(entry->source, is_file ? O_RDONLY | O_CLOEXEC : O_PATH | O_DIRECTORY | O_CLOEXEC), is_file };
}

static void allow_many_files(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

/*
 * The launcher may run at a better priority than programs. This process may not: it works for a program that
 * opens files, and its CPU time counts for no program.
 */
static void lose_priority(void)
{
	if (getpriority(PRIO_PROCESS, 0) < 0 && setpriority(PRIO_PROCESS, 0, 0) < 0)
		_exit(1);
}

/* Keep only the rights of the slot's user, and no capability; this process can gain none later. */
static void lose_rights(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };
	if (slot.uid && (setgroups(0, NULL) < 0 || setresgid(slot.uid, slot.uid, slot.uid) < 0 ||
			 setresuid(slot.uid, slot.uid, slot.uid) < 0))
		_exit(1);
	if (syscall(SYS_capset, &head, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(1);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* again, since a change of user clears it */
}

int open_files_device(void)
{
	return open("/dev/fuse", O_RDWR | O_CLOEXEC);
}

int mount_files(int device, uid_t uid, gid_t gid, int for_other_users)
{
	char options[160];
	snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=%u,group_id=%u,default_permissions%s", device, uid, gid,
		 for_other_users ? ",allow_other" : "");
	return mount("gavel", FILES_AT, "fuse", MS_NOSUID | MS_NODEV | MS_RDONLY, options);
}

/*
 * Close every other descriptor, above all the control socket. Python knows by its closing that the launcher
 * has ended.
 */
static int keep_only(int device, int mounted)
{
	return dup3(device, 3, O_CLOEXEC) < 0 || dup3(mounted, 4, O_CLOEXEC) < 0 || syscall(SYS_close_range, 5, ~0U, 0) < 0 ? -1 : 0;
}

static void wait_until_mounted(int mounted)
{
	char byte;
	if (read(mounted, &byte, 1) != 1)
		_exit(1);
	close(mounted);
}

/* Questions that were read from the new descriptor fail when it is closed. This happens when this process ends. */
static int clone_device(int device, int unused)
{
	uint32_t old = (uint32_t)device;
	if (ioctl(unused, FUSE_DEV_IOC_CLONE, &old) < 0)
		_exit(1);
	return unused;
}

static void answer_questions(void)
{
	static char question[QUESTION_BYTES] __attribute__((aligned(8)));
	const struct fuse_in_header *q = (const struct fuse_in_header *)question;
	for (;;) {
		ssize_t n = read(device_fd, question, sizeof question - 1);
		if (n < 0 && errno != EINTR && errno != EAGAIN && errno != ENOENT)
			_exit(0); /* the slot has ended */
		if (n >= (ssize_t)sizeof *q) {
			question[n] = 0;
			answer_question(q, q + 1);
		}
	}
}

void serve_files(int device, int mounted)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (keep_only(device, mounted) < 0)
		_exit(1);
	int unused = open_files_device(); /* now, while this process has the right to open it */
	for (int i = 0; i < slot.entry_count; i++)
		exported[i] = open_exported(&slot.entries[i]);
	allow_many_files();
	lose_priority();
	lose_rights();
	wait_until_mounted(4);
	device_fd = clone_device(3, unused);
	start_dropping_names(3);
	answer_questions();
	_exit(1); /* not reached */
}
