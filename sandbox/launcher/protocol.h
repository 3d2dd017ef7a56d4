/*
 * The protocol between Python and the launcher: one message each way over a SOCK_SEQPACKET socket, native byte
 * order, heads of a fixed size. protocol.py is the other side.
 *
 * A request to run is `struct request`, then its file entries, then its mount entries, then its strings, each ended
 * by NUL, in this order: seccomp profile, argv, environment, file names, mount targets, mount sources.
 * Descriptors that come with it, in this order: stdin, stdout, stderr, [the contents of the files, one after another],
 * [with STDIN_MOUNT: the mount by which stdin was opened; the launcher closes it after it has sent the report].
 * With HIDE_STDIN_PATH, stdin is a file below a share, and the target must not see its path. With EMPTY_STDIN, the
 * launcher opens the box's own /dev/null instead.
 * The other two requests are only a `struct request`: REQUEST_KILL ends the run with its serial number, and
 * REQUEST_CGROUP brings the cgroup (v2) in which the next box is created.
 */
#ifndef GAVEL_PROTOCOL_H
#define GAVEL_PROTOCOL_H
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define PROTOCOL_MAGIC 0x4c564147u /* "GAVL" */

enum { MAX_MESSAGE = 131072, MAX_ARGUMENTS = 1024, MAX_FILES = 1024, MAX_MOUNTS = 32, MAX_DESCRIPTORS = 16 };
enum { REQUEST_RUN = 1, REQUEST_KILL, REQUEST_CGROUP };
enum { REPORT_READY = 1, REPORT_ENDED = 2, REPORT_FAILED = 3 };
enum { RETURN_WORK = 1, READ_ONLY_WORK = 2, HIDE_STDIN_PATH = 4, EMPTY_STDIN = 8, STDIN_MOUNT = 16 };
enum { KILL_NONE, KILL_CPU, KILL_WALL, KILL_CALLER, KILL_MEMORY };

/* The step at which the launcher itself failed; protocol.py has the names. */
enum {
	STAGE_ARGUMENTS = 1, STAGE_JOIN, STAGE_UNSHARE, STAGE_MAP, STAGE_USER, STAGE_PRIVATE, STAGE_ROOT, STAGE_PROC,
	STAGE_PIVOT, STAGE_PIN, STAGE_SHARES, STAGE_PARSE, STAGE_WORK, STAGE_CLONE, STAGE_STDIN, STAGE_SERVE_FILES,
	STAGE_BOX_PROC = 32, STAGE_BOX_WORK, STAGE_BOX_MOUNT, STAGE_BOX_COVER, STAGE_BOX_FILES, STAGE_BOX_LIMITS,
	STAGE_BOX_CAPS, STAGE_BOX_FDS, STAGE_BOX_SECCOMP, STAGE_BOX_FORK, STAGE_EXEC, STAGE_BOX_READ_ONLY, STAGE_BOX_CGROUP,
	STAGE_CLONE_ENTRY = 1000, STAGE_ADD_ENTRY = 2000
};

struct request {
	uint32_t magic, kind;
	uint64_t serial;
	uint64_t cpu_ns, wall_ns;
	uint64_t delay_ns; /* how long the target may wait for a CPU without it counting as wall time */
	uint64_t workspace_bytes, file_bytes, open_files, stack_bytes, data_bytes, address_bytes, cpu_seconds,
		processes;
	uint64_t sampled_memory_bytes; /* without a cgroup: kill above this resident size; 0 for no limit */
	uint32_t cores, flags;
	uint32_t argument_count, variable_count, file_count, mount_count;
};

struct file_entry { uint64_t size; uint32_t mode, reserved; };
struct mount_entry { uint32_t share, reserved; };

struct report {
	uint32_t magic, kind;
	uint64_t serial;
	int32_t stage, error, kill_reason, wait_status, reaped, reserved;
	int64_t cpu_ns, wall_ns, started_ns, setup_ns, teardown_ns;
	int64_t delay_ns;        /* the measured time of waiting for a CPU */
	int64_t max_rss_kb;      /* the largest process, by the kernel */
	int64_t sampled_peak_kb; /* anonymous and shared memory of the cgroup; without one, resident memory */
	int64_t least_cache_kb, most_cache_kb; /* file cache charged to the cgroup while it ran; -1 when never sampled */
};

/* The parts of a request. The pointers point into the message. */
struct parsed_request {
	const char *seccomp_profile;
	const char *argv[MAX_ARGUMENTS + 1], *envp[MAX_ARGUMENTS + 1];
	const struct file_entry *files;
	const struct mount_entry *mounts;
	const char *file_names[MAX_FILES], *mount_targets[MAX_MOUNTS], *mount_sources[MAX_MOUNTS];
};

/* Whether a path has no "..", "." or empty component. `absolute` says whether it must begin with a slash. */
static inline int is_plain_path(const char *path, int absolute)
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

/* Point `out` at the next `count` strings and move `at` after them. Returns 0 if the message ends before that. */
static inline int read_strings(char **at, const char *end, const char **out, uint32_t count)
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

static inline int check_paths(const struct request *q, const struct parsed_request *parsed, int shares)
{
	for (uint32_t i = 0; i < q->file_count; i++)
		if (!is_plain_path(parsed->file_names[i], 0))
			return 0;
	for (uint32_t i = 0; i < q->mount_count; i++)
		if (parsed->mounts[i].share >= (uint32_t)shares || !is_plain_path(parsed->mount_targets[i], 1) ||
		    (*parsed->mount_sources[i] && !is_plain_path(parsed->mount_sources[i], 0)))
			return 0;
	return 1;
}

/* Parse, without a copy, a request to run. Returns 0, or the errno for the request's fault. */
static inline int parse_request(char *bytes, size_t size, int fds, int shares, struct parsed_request *parsed)
{
	const struct request *q = (const struct request *)(const void *)bytes;
	char *at = bytes + sizeof *q, *end = bytes + size;
	if (size < sizeof *q || q->magic != PROTOCOL_MAGIC || q->kind != REQUEST_RUN)
		return EPROTO;
	if (q->argument_count < 1 || q->argument_count > MAX_ARGUMENTS || q->variable_count > MAX_ARGUMENTS ||
	    q->file_count > MAX_FILES || q->mount_count > MAX_MOUNTS)
		return E2BIG;
	if (fds != 3 + (q->file_count > 0) + !!(q->flags & STDIN_MOUNT))
		return EBADF;
	size_t tables = q->file_count * sizeof(struct file_entry) + q->mount_count * sizeof(struct mount_entry);
	if (tables > (size_t)(end - at))
		return EPROTO;
	parsed->files = (const struct file_entry *)(const void *)at;
	parsed->mounts = (const struct mount_entry *)(const void *)(at + q->file_count * sizeof(struct file_entry));
	at += tables;
	if (!read_strings(&at, end, &parsed->seccomp_profile, 1) ||
	    !read_strings(&at, end, parsed->argv, q->argument_count) ||
	    !read_strings(&at, end, parsed->envp, q->variable_count) ||
	    !read_strings(&at, end, parsed->file_names, q->file_count) ||
	    !read_strings(&at, end, parsed->mount_targets, q->mount_count) ||
	    !read_strings(&at, end, parsed->mount_sources, q->mount_count))
		return EPROTO;
	parsed->argv[q->argument_count] = parsed->envp[q->variable_count] = NULL;
	return at == end && parsed->argv[0][0] == '/' && check_paths(q, parsed, shares) ? 0 : EINVAL;
}

/* ---------------------------------------------------------------- messages with descriptors */

/* The descriptors that came with a message. */
struct received_fds { int fd[MAX_DESCRIPTORS], count; };

static inline ssize_t send_message(int to, const void *bytes, size_t size, const int *fds, int count)
{
	char control[CMSG_SPACE(sizeof(int) * MAX_DESCRIPTORS)] = { 0 };
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

static inline void close_received(struct received_fds *received)
{
	for (int i = 0; i < received->count; i++)
		close(received->fd[i]);
	received->count = 0;
}

/* Receive one message with its descriptors. Returns 0 for a closed socket and for a message that is too large. */
static inline ssize_t receive_message(int from, void *bytes, size_t size, int flags, struct received_fds *received)
{
	char control[CMSG_SPACE(sizeof received->fd)];
	struct iovec body = { bytes, size };
	struct msghdr m = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	ssize_t n = recvmsg(from, &m, MSG_CMSG_CLOEXEC | flags);
	received->count = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); n > 0 && c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			received->count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(received->fd, CMSG_DATA(c), (size_t)received->count * sizeof(int));
		}
	return n > 0 && (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ? 0 : n;
}
#endif
