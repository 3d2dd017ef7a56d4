/*
 * The wire between Python and the launcher: one message each way, native byte order, fixed heads.
 *
 * A request to run is `struct request`, then `files` file entries, then `mounts` mount entries, then the
 * strings, each ended by NUL, in this order: needs, argv, environment, file names, mount targets, mount sources.
 * Descriptors beside it: stdin, stdout, stderr, [the files' bytes], [under STDIN_MOUNT the mount by which
 * stdin was opened, to be let go of once the run's end is told]. Under NAMED_STDIN stdin is a file below a share,
 * whose name is kept from the target; under NO_STDIN it stands for the box's own /dev/null. The other two are a bare `struct request`:
 * KILL ends the run of its serial, GROUP brings the cgroup (v2) into which the next box is to be born.
 */
#ifndef GAVEL_WIRE_H
#define GAVEL_WIRE_H
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define WIRE_MAGIC 0x4c564147u /* "GAVL" */
#define LOOK_LONGEST_NS 20000000
#define LOOK_SHORTEST_NS 1000000

enum { WIRE_LARGEST = 131072, MOST_ARGUMENTS = 1024, MOST_FILES = 1024, MOST_MOUNTS = 32 };
enum { MOST_DESCRIPTORS = 16 };
enum { ASK_RUN = 1, ASK_KILL, ASK_GROUP };
enum { REPORT_READY = 1, REPORT_ENDED = 2, REPORT_FAILED = 3 };
enum { WANT_WORK = 1, READ_ONLY = 2, NAMED_STDIN = 4, NO_STDIN = 8, STDIN_MOUNT = 16 };
enum { REASON_NONE, REASON_CPU, REASON_WALL, REASON_CALLER, REASON_MEMORY };

/* Where something of ours went wrong; names stand in wire.py. */
enum {
	STAGE_ARGUMENTS = 1, STAGE_JOIN, STAGE_UNSHARE, STAGE_MAP, STAGE_USER, STAGE_PRIVATE, STAGE_ROOT, STAGE_PROC,
	STAGE_PIVOT, STAGE_PIN, STAGE_SHARES, STAGE_PARSE, STAGE_WORK, STAGE_CLONE, STAGE_STDIN,
	STAGE_BOX_PROC = 32, STAGE_BOX_WORK, STAGE_BOX_MOUNT, STAGE_BOX_COVER, STAGE_BOX_FILES, STAGE_BOX_LIMITS,
	STAGE_BOX_CAPS, STAGE_BOX_FDS, STAGE_BOX_SECCOMP, STAGE_BOX_FORK, STAGE_EXEC, STAGE_BOX_CLOSE,
	STAGE_BIND = 1000, STAGE_PLACE = 2000
};

struct request {
	uint32_t magic, kind;
	uint64_t serial;
	uint64_t cpu_ns, wall_ns;
	uint64_t workspace_bytes, file_bytes, open_files, stack_bytes, data_bytes, address_bytes, cpu_seconds,
		processes;
	uint64_t sampled_memory; /* where there is no cgroup: end it above this resident size */
	uint32_t cores, flags;
	uint32_t arguments, variables, files, mounts;
};

struct file_entry { uint64_t size; uint32_t mode, reserved; };
struct mount_entry { uint32_t share, reserved; };

struct report {
	uint32_t magic, kind;
	uint64_t serial;
	int32_t stage, error, reason, status, waited, reserved;
	int64_t cpu_ns, wall_ns, started_ns, setup_ns, teardown_ns, max_rss_kb, peak_kb;
};

/* A request taken apart; the pointers lead into the message. */
struct asked {
	const char *needs;
	const char *argv[MOST_ARGUMENTS + 1], *envp[MOST_ARGUMENTS + 1];
	const struct file_entry *files;
	const struct mount_entry *mounts;
	const char *file_names[MOST_FILES], *mount_targets[MOST_MOUNTS], *mount_sources[MOST_MOUNTS];
};

/* No "..", no ".", no empty component; `absolute` says how it must begin. */
static inline int wire_path_ok(const char *path, int absolute)
{
	if (absolute ? path[0] != '/' : path[0] == '/')
		return 0;
	for (const char *p = path + absolute;; p += strcspn(p, "/") + 1) {
		size_t n = strcspn(p, "/");
		if (n == 0 || n > 255 || (p[0] == '.' && (n == 1 || (n == 2 && p[1] == '.'))))
			return 0;
		if (p[n] == 0)
			return (size_t)(p - path) + n < 4096;
	}
}

static inline int wire_take(char **at, const char *end, const char **out, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		char *stop = *at < end ? memchr(*at, 0, (size_t)(end - *at)) : NULL;
		if (!stop)
			return 0;
		out[i] = *at;
		*at = stop + 1;
	}
	return 1;
}

static inline int wire_paths_ok(const struct request *q, const struct asked *a, int shares)
{
	for (uint32_t i = 0; i < q->files; i++)
		if (!wire_path_ok(a->file_names[i], 0))
			return 0;
	for (uint32_t i = 0; i < q->mounts; i++)
		if (a->mounts[i].share >= (uint32_t)shares || !wire_path_ok(a->mount_targets[i], 1) ||
		    (*a->mount_sources[i] && !wire_path_ok(a->mount_sources[i], 0)))
			return 0;
	return 1;
}

/* Takes a request apart in place. Returns 0, or the errno that names what is wrong with it. */
static inline int wire_parse(char *bytes, size_t size, int fds, int shares, struct asked *a)
{
	const struct request *q = (const struct request *)(const void *)bytes;
	char *at = bytes + sizeof *q, *end = bytes + size;
	if (size < sizeof *q || q->magic != WIRE_MAGIC || q->kind != ASK_RUN)
		return EPROTO;
	if (q->arguments < 1 || q->arguments > MOST_ARGUMENTS || q->variables > MOST_ARGUMENTS || q->files > MOST_FILES ||
	    q->mounts > MOST_MOUNTS)
		return E2BIG;
	if (fds != 3 + (q->files > 0) + !!(q->flags & STDIN_MOUNT))
		return EBADF;
	size_t tables = q->files * sizeof(struct file_entry) + q->mounts * sizeof(struct mount_entry);
	if (tables > (size_t)(end - at))
		return EPROTO;
	a->files = (const struct file_entry *)(const void *)at;
	a->mounts = (const struct mount_entry *)(const void *)(at + q->files * sizeof(struct file_entry));
	at += tables;
	if (!wire_take(&at, end, &a->needs, 1) || !wire_take(&at, end, a->argv, q->arguments) ||
	    !wire_take(&at, end, a->envp, q->variables) || !wire_take(&at, end, a->file_names, q->files) ||
	    !wire_take(&at, end, a->mount_targets, q->mounts) || !wire_take(&at, end, a->mount_sources, q->mounts))
		return EPROTO;
	a->argv[q->arguments] = a->envp[q->variables] = NULL;
	return at == end && a->argv[0][0] == '/' && wire_paths_ok(q, a, shares) ? 0 : EINVAL;
}

/* ---------------------------------------------------------------- messages with descriptors */

/* Descriptors that came with a message. */
struct passed { int fd[MOST_DESCRIPTORS], count; };

static inline ssize_t send_with(int to, const void *bytes, size_t size, const int *fds, int count)
{
	char control[CMSG_SPACE(sizeof(int) * MOST_DESCRIPTORS)] = { 0 };
	struct iovec body = { (void *)(uintptr_t)bytes, size };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1 };
	if (count > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
		struct cmsghdr *c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)count);
	}
	return sendmsg(to, &message, MSG_NOSIGNAL);
}

static inline void close_passed(struct passed *passed)
{
	for (int i = 0; i < passed->count; i++)
		close(passed->fd[i]);
	passed->count = 0;
}

/* One message with its descriptors; 0 for a closed socket and for what does not fit. */
static inline ssize_t receive(int from, void *bytes, size_t size, int flags, struct passed *passed)
{
	char control[CMSG_SPACE(sizeof passed->fd)];
	struct iovec body = { bytes, size };
	struct msghdr m = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	ssize_t n = recvmsg(from, &m, MSG_CMSG_CLOEXEC | flags);
	passed->count = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); n > 0 && c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			passed->count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(passed->fd, CMSG_DATA(c), (size_t)passed->count * sizeof(int));
		}
	return n > 0 && (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ? 0 : n;
}
#endif
