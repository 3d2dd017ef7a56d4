/*
 * Drops missing names from the kernel's cache while a program asks for them (FUSE_NOTIFY_INVAL_ENTRY).
 *
 * Why. The kernel remembers each name that is missing, in about half a kilobyte, which it charges to the slot.
 * After a million of them the next run waits a second until they are freed. So the kernel may keep only the last
 * names that the server reported as missing. A name that it has dropped is looked up again.
 *
 * How. The kernel locks a folder while it looks a name up there, and also while it drops a name. A server that
 * dropped names by itself would wait for its own answer. So another process reads the missing names from a pipe
 * and drops the oldest. If the pipe stays full, the server goes on after a millisecond, and the kernel
 * remembers that name until memory is short. So at most a thousand such names can be added in a second.
 *
 * How it ends. The process has the device open. If the server ends alone, this process is killed, and reads in
 * the boxes fail. The server has its own descriptor of the device (FUSE_DEV_IOC_CLONE). When the server
 * ends, the questions that it had read fail at once, so this process cannot wait for their folders.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "missing_names.h"

enum {
	MOST_NAMES = 4096,          /* more than one run of g++, rustc or Python asks for */
	PIPE_BYTES = 1 << 20, LONGEST_WAIT_MS = 1,
};

/* Smaller than PIPE_BUF, so that a name is written and read in one piece. */
struct missing { uint64_t parent; char name[256]; };

static int names_fd;

static void drop_name(int device, const struct missing *missing)
{
	uint32_t length = (uint32_t)strlen(missing->name);
	struct fuse_notify_inval_entry_out entry = { .parent = missing->parent, .namelen = length };
	struct fuse_out_header head = { .len = (uint32_t)(sizeof head + sizeof entry + length + 1), .error = FUSE_NOTIFY_INVAL_ENTRY };
	struct iovec parts[] = { { &head, sizeof head }, { &entry, sizeof entry }, { (void *)(uintptr_t)missing->name, length + 1 } };
	if (writev(device, parts, 3) < 0 && errno != ENOENT && errno != ENOTDIR) /* the kernel may have dropped the name or its folder */
		_exit(1);
}

/* Exits when the pipe ends, since then the server has ended. */
static void drop_names(int device, int names)
{
	static struct missing ring[MOST_NAMES];
	struct missing next;
	for (unsigned oldest = 0; read(names, &next, sizeof next) == sizeof next; oldest = (oldest + 1) % MOST_NAMES) {
		if (ring[oldest].parent)
			drop_name(device, &ring[oldest]);
		ring[oldest] = next;
	}
	_exit(0);
}

static void close_between(int low, int high)
{
	if (low < high)
		syscall(SYS_close_range, (unsigned)low, (unsigned)high - 1, 0);
}

static void run_beside(pid_t server, int device, int names)
{
	int low = device < names ? device : names, high = device < names ? names : device;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_between(0, low), close_between(low + 1, high), close_between(high + 1, INT_MAX);
	if (getppid() == server)
		drop_names(device, names);
	_exit(1);
}

void start_dropping_names(int device)
{
	int ends[2];
	pid_t server = getpid();
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0)
		_exit(1);
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* if this user may not do it, the pipe is smaller */
	pid_t beside = fork();
	if (beside == 0)
		run_beside(server, device, ends[0]);
	if (beside < 0)
		_exit(1);
	close(device), close(ends[0]);
	names_fd = ends[1];
}

void note_missing_name(uint64_t parent, const char *name)
{
	struct missing missing = { .parent = parent };
	struct pollfd space = { .fd = names_fd, .events = POLLOUT };
	if (strlen(name) >= sizeof missing.name)
		return; /* too long for a file's name: the kernel does not remember it */
	strcpy(missing.name, name);
	for (int waited = 0; write(names_fd, &missing, sizeof missing) < 0; waited = 1) {
		if (errno != EAGAIN && errno != EINTR)
			_exit(1); /* the other process has ended */
		if (waited || poll(&space, 1, LONGEST_WAIT_MS) <= 0)
			return;
	}
}
