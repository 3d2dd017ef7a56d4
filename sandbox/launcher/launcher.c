/*
 * gavel-launcher: runs one untrusted command after another, each in a box of its own.
 *
 * THEORY OF OPERATION
 *
 * One process of this program belongs to one slot of one worker. Three roles live in this file:
 *
 *   keeper   what Python started. Makes the slot's pid namespace, waits for the zygote, no more.
 *   zygote   pid 1 of the slot. Born in the slot's cgroups, it builds the root file system ONCE
 *            (read-only binds of what was named on the command line, on a tmpfs, then pivot_root:
 *            nothing else of the host can be reached any more), gives up the caller's user for the
 *            slot's own, and enters a user namespace with its own net, ipc and uts namespaces. All the
 *            capabilities it has from there on are worth nothing outside its own slot.
 *   init     pid 1 of one box: made afresh for every run by clone3(NEWPID|NEWNS|NEWIPC|NEWUTS), on
 *            cgroup v2 directly INTO the run's cgroup. It mounts a fresh /proc and one fresh tmpfs
 *            (seen as /w and /tmp), binds the run's own read-only folders, covers what the target must
 *            not see, lays the files, forks the target and reaps. The target is never pid 1: signals
 *            without a handler do not reach a pid 1 and would falsify how a program ended.
 *
 * Why a zygote. Moving a process into a cgroup costs 8 ms after a pause, a network namespace 0.5 ms,
 * building the root as much again. All of that is paid once per slot. Nothing is moved on a run's path.
 *
 * Whom we trust. The caller, over the control socket (SOCK_SEQPACKET, inherited, named on the command line): requests come
 * from Python, never from the box. Nothing that a target can write is ever parsed by us. The target
 * holds no descriptor but 0, 1 and 2. Facts about it (exec failed, wait status, times) go through an
 * anonymous shared page that execve takes away from it: there is no channel it could forge.
 *
 * Who ends a box. Killing init kills every process of the box; the kernel sees to it, and init counts
 * as dead only when all of them are. The zygote kills it when: CPU time, polled from the cgroup's
 * counter, is used up; the wall clock is; the caller asks; the caller is gone (EOF on the socket).
 * When the zygote dies the kernel kills the slot's whole pid namespace, boxes included; when the keeper
 * dies the zygote gets SIGKILL. So kill -9 anywhere leaves no process behind, and with the processes
 * go their mounts. (cgroup directories are the caller's to sweep.)
 *
 * What comes back. When all is dead the zygote sends the facts, and on request a descriptor of the
 * box's tmpfs from which the caller reads files with openat2(RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS...).
 * No privileged process ever writes, walks or chowns anything that a target could write.
 *
 * The order in the target, last to first: execve <- seccomp <- no capabilities <- rlimits <- own
 * session <- fds closed. no_new_privs, an empty bounding set and umask are inherited from the zygote.
 *
 * Single-threaded, no allocation after start, no library but libc, errors are told by place and errno.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <grp.h>

#include "filters.h"
#include "wire.h"

/* Not from <sys/mount.h>: it clashes with <linux/mount.h>, and older libcs lack half of it. */
#define MNT_DETACH 2
#define AT_EMPTY 0x1000      /* AT_EMPTY_PATH */
#define AT_RECURSE 0x8000    /* AT_RECURSIVE */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);

enum { MAX_FDS = 8, MAX_SHARES = 16, MAX_BINDS = 96, INNER_ID = 1000, PATHS = 4096 };

/* What init and target tell the zygote. The page is shared until execve replaces the target's memory. */
struct page {
	int32_t stage, error;      /* where and why the box could not be made */
	int32_t status, waited;    /* the target's wait status, once reaped */
	int64_t started_ns;        /* just before execve */
	int64_t ended_ns;
	int64_t own_cpu_ns;        /* what init and the unborn target burned for us */
	int64_t reaped_cpu_ns;     /* rusage of everything init has reaped */
	int64_t max_rss_kb;
};

static struct {
	uid_t uid;                 /* the slot's outer user; 0: stay who we are */
	int join[MAX_FDS], joins;  /* cgroup.procs of the slot */
	int counter;               /* cpuacct.usage of the slot (v1) */
	int control;               /* the socket to the caller */
	const char *cpus;
	int shares;
	struct bind { char kind; const char *source, *target; int tree; } binds[MAX_BINDS];
	int count;
	struct page *page;
} slot = { .counter = -1 };

static union { struct request head; char bytes[WIRE_LARGEST]; } inbox;
static int inbox_fds[MAX_FDS], inbox_fd_count;

/* ---------------------------------------------------------------- small things */

static int64_t now_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t timeval_ns(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
}

static int64_t rusage_ns(const struct rusage *u)
{
	return timeval_ns(u->ru_utime) + timeval_ns(u->ru_stime);
}

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

/* Tell the caller a thing, with descriptors. EPIPE means the caller is gone: then so are we. */
static void tell(const struct report *report, const int *fds, int count)
{
	char control[CMSG_SPACE(sizeof(int) * MAX_SHARES)] = { 0 };
	struct iovec body = { (void *)(uintptr_t)report, sizeof *report };
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
	if (sendmsg(slot.control, &message, MSG_NOSIGNAL) < 0)
		_exit(0);
}

static void tell_failure(uint64_t serial, int stage, int error)
{
	struct report r = { .magic = WIRE_MAGIC, .kind = REPORT_FAILED, .serial = serial, .stage = stage, .error = error };
	tell(&r, NULL, 0);
}

static void die(int stage)
{
	tell_failure(0, stage, errno);
	_exit(1);
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

/* ---------------------------------------------------------------- the slot: root, user, namespaces */

static int grab_tree(const char *source, int read_only)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_NOSUID };
	if (read_only)
		a.attr_set |= MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSE);
	if (tree < 0)
		return -1;
	return syscall(SYS_mount_setattr, tree, "", AT_EMPTY | AT_RECURSE, &a, sizeof a) < 0 ? -1 : tree;
}

static int hang_tree(int tree, const char *target)
{
	return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
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

static int place_entry(int root, struct bind *b)
{
	const char *target = b->target + (b->target[0] == '/');
	switch (b->kind) {
	case 'b': case 'v': case 's':
		return place_tree(root, b->tree, target);
	case 'l':
		return make_parents(root, target) < 0 ? -1 : symlinkat(b->source, root, target);
	case 'f':
		return make_parents(root, target) < 0 ? -1 : write_file(root, target, b->source);
	default:
		return make_parents(root, target) < 0 ? -1 : mkdirat(root, target, 0755);
	}
}

/* Sources are taken as detached trees first, because the new root covers the host's /tmp while it grows. */
static void build_root(void)
{
	umask(022);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		die(STAGE_PRIVATE);
	for (int i = 0; i < slot.count; i++) {
		struct bind *b = &slot.binds[i];
		if (strchr("bvs", b->kind) && (b->tree = grab_tree(b->source, b->kind != 'v')) < 0)
			die(STAGE_BIND + i);
	}
	if (mount("gavel", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") < 0)
		die(STAGE_ROOT);
	if (chdir("/tmp") < 0)
		die(STAGE_ROOT);
	int root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < slot.count; i++) {
		if (place_entry(root, &slot.binds[i]) < 0)
			die(STAGE_PLACE + i);
		if (strchr("bvs", slot.binds[i].kind))
			close(slot.binds[i].tree);
	}
	close(root);
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		die(STAGE_PROC);
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		die(STAGE_PIVOT);
	if (slot.uid && chown("/", slot.uid, slot.uid) < 0) /* the zygote makes mount points there */
		die(STAGE_PIVOT);
}

static int guard_root(int read_only)
{
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | (read_only ? MS_RDONLY : 0), NULL);
}

static void map_ids(uid_t uid, gid_t gid)
{
	char line[64];
	write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	snprintf(line, sizeof line, "%d %u 1", INNER_ID, uid);
	if (write_file(AT_FDCWD, "/proc/self/uid_map", line) < 0)
		die(STAGE_MAP);
	snprintf(line, sizeof line, "%d %u 1", INNER_ID, gid);
	if (write_file(AT_FDCWD, "/proc/self/gid_map", line) < 0)
		die(STAGE_MAP);
}

static void become_slot_user(void)
{
	if (setgroups(0, NULL) < 0 || setresgid(slot.uid, slot.uid, slot.uid) < 0 || setresuid(slot.uid, slot.uid, slot.uid) < 0)
		die(STAGE_USER);
	prctl(PR_SET_DUMPABLE, 1); /* else /proc/self/uid_map belongs to root */
}

static void pin(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	for (const char *p = slot.cpus; p && *p; p += strcspn(p, ","), p += *p == ',')
		CPU_SET((unsigned)atoi(p), &set);
	if (slot.cpus && sched_setaffinity(0, sizeof set, &set) < 0)
		die(STAGE_PIN);
}

/* From here on we hold capabilities over our own slot only. */
static void become_zygote(void)
{
	int apart = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < slot.joins; i++)
		if (write(slot.join[i], "0", 1) != 1)
			die(STAGE_JOIN);
		else
			close(slot.join[i]);
	pin();
	if (slot.uid) {
		if (unshare(CLONE_NEWNS) < 0)
			die(STAGE_UNSHARE);
		build_root();
		become_slot_user();
		if (unshare(CLONE_NEWUSER | apart) < 0)
			die(STAGE_UNSHARE);
		map_ids(slot.uid, slot.uid);
	} else {
		if (unshare(apart) < 0)
			die(STAGE_UNSHARE);
		build_root();
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* again: a change of user forgets it */
	prctl(PR_SET_DUMPABLE, 0);
	if (guard_root(1) < 0 || sethostname("box", 3) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die(STAGE_UNSHARE);
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap);
	umask(022);
}

/* ---------------------------------------------------------------- inside the box: init */

static void fail_box(int stage)
{
	slot.page->error = errno;
	slot.page->stage = stage;
	_exit(1);
}

static int bind_to(const char *source, const char *target)
{
	return mount(source, target, NULL, MS_BIND, NULL);
}

static int bind_share(uint32_t share, const char *source, const char *target)
{
	char base[32];
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	struct mount_attr a = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	snprintf(base, sizeof base, "/.shares/%u", share);
	int top = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int folder = (int)syscall(SYS_openat2, top, *source ? source : ".", &how, sizeof how);
	if (folder < 0)
		return -1;
	int tree = (int)syscall(SYS_open_tree, folder, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSE | AT_EMPTY);
	if (tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY | AT_RECURSE, &a, sizeof a) < 0)
		return -1;
	if (make_parents(AT_FDCWD, target) < 0 || (mkdir(target, 0755) < 0 && errno != EEXIST && errno != EROFS))
		return -1;
	return hang_tree(tree, target);
}

static void mount_box(const struct request *q, const struct asked *asked, int work)
{
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=invisible,subset=pid") < 0)
		fail_box(STAGE_BOX_PROC);
	if (hang_tree(work, "/.box") < 0 || bind_to("/.box/w", "/w") < 0 || bind_to("/.box/tmp", "/tmp") < 0)
		fail_box(STAGE_BOX_WORK);
	for (uint32_t i = 0; i < q->mounts; i++)
		if (bind_share(asked->mounts[i].share, asked->mount_sources[i], asked->mount_targets[i]) < 0)
			fail_box(STAGE_BOX_MOUNT);
	if (slot.shares && bind_to("/.empty", "/.shares") < 0)
		fail_box(STAGE_BOX_COVER);
}

static int copy_out(int from, int to, uint64_t size)
{
	char block[65536];
	while (size > 0) {
		ssize_t n = read(from, block, size < sizeof block ? size : sizeof block);
		if (n <= 0)
			return -1;
		if (write(to, block, (size_t)n) != n)
			return -1;
		size -= (uint64_t)n;
	}
	return 0;
}

/* As the box's own user, before anything untrusted runs in it. */
static void lay_files(const struct request *q, const struct asked *asked, int blob)
{
	int work = open("/w", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (uint32_t i = 0; i < q->files; i++) {
		const char *name = asked->file_names[i];
		if (make_parents(work, name) < 0)
			fail_box(STAGE_BOX_FILES);
		int fd = openat(work, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, asked->files[i].mode & 0777);
		if (fd < 0 || copy_out(blob, fd, asked->files[i].size) < 0)
			fail_box(STAGE_BOX_FILES);
		close(fd);
	}
	close(work);
}

/* Close the work folder to writing, and cover its other name (an umount would wait for RCU): /tmp stays open. */
static void close_work(void)
{
	unsigned long how = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
	if (mount(NULL, "/w", NULL, how, NULL) < 0 || bind_to("/.empty", "/.box") < 0)
		fail_box(STAGE_BOX_CLOSE);
}

static void limit(int what, uint64_t value)
{
	struct rlimit r = { value, value };
	if (setrlimit((__rlimit_resource_t)what, &r) < 0)
		fail_box(STAGE_BOX_LIMITS);
}

static void set_limits(const struct request *q)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, q->file_bytes);
	limit(RLIMIT_NOFILE, q->open_files);
	limit(RLIMIT_STACK, q->stack_bytes);
	limit(RLIMIT_DATA, q->data_bytes);
	limit(RLIMIT_CPU, q->cpu_seconds);
	limit(RLIMIT_MEMLOCK, 65536);
	limit(RLIMIT_MSGQUEUE, 0);
	limit(RLIMIT_NPROC, q->processes);
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };
	if (syscall(SYS_capset, &head, none) < 0)
		fail_box(STAGE_BOX_CAPS);
}

static const struct filter *find_filter(const char *name)
{
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		if (!strcmp(filters[i].name, name))
			return &filters[i];
	return NULL;
}

static void become_target(const struct request *q, const struct asked *asked, const struct filter *filter)
{
	struct sock_fprog program = { filter->length, (struct sock_filter *)(uintptr_t)filter->code };
	struct rusage own;
	setsid();
	for (int i = 0; i < 3; i++)
		if (dup2(inbox_fds[i], i) < 0)
			fail_box(STAGE_BOX_FDS);
	if (syscall(SYS_close_range, 3, ~0U, 0) < 0)
		fail_box(STAGE_BOX_FDS);
	prctl(PR_SET_DUMPABLE, 1); /* as execve will anyway; until then our own /proc files are not ours */
	if (write_file(AT_FDCWD, "/proc/self/oom_score_adj", "1000") < 0)
		fail_box(STAGE_BOX_LIMITS);
	set_limits(q);
	drop_capabilities();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	getrusage(RUSAGE_SELF, &own);
	slot.page->own_cpu_ns += rusage_ns(&own);
	slot.page->started_ns = now_ns(CLOCK_MONOTONIC);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		fail_box(STAGE_BOX_SECCOMP);
	execve(asked->argv[0], (char **)(uintptr_t)asked->argv, (char **)(uintptr_t)asked->envp);
	fail_box(STAGE_EXEC);
}

static void reap(pid_t target)
{
	struct rusage of;
	int status;
	for (pid_t pid; (pid = wait4(-1, &status, 0, &of)) != target;)
		if (pid < 0 && errno != EINTR)
			_exit(1);
	slot.page->ended_ns = now_ns(CLOCK_MONOTONIC);
	slot.page->status = status;
	slot.page->max_rss_kb = of.ru_maxrss;
	getrusage(RUSAGE_CHILDREN, &of);
	slot.page->reaped_cpu_ns = rusage_ns(&of);
	slot.page->waited = 1;
	_exit(0);
}

static void be_init(const struct request *q, const struct asked *asked, const struct filter *filter, int work)
{
	struct rusage own;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mount_box(q, asked, work);
	if (q->files)
		lay_files(q, asked, inbox_fds[3]);
	if (q->flags & READ_ONLY)
		close_work();
	if (chdir("/w") < 0)
		fail_box(STAGE_BOX_WORK);
	getrusage(RUSAGE_SELF, &own);
	slot.page->own_cpu_ns = rusage_ns(&own);
	pid_t target = fork();
	if (target < 0)
		fail_box(STAGE_BOX_FORK);
	if (target == 0)
		become_target(q, asked, filter);
	syscall(SYS_close_range, 0, ~0U, 0);
	reap(target);
}

/* ---------------------------------------------------------------- the zygote: watch one run */

struct watch {
	uint64_t serial;
	int box, counter;             /* pidfd of init; the CPU counter */
	int64_t base_ns, born_ns;     /* the counter and the clock at the start */
	int64_t peak_kb, sampled_ns;  /* by looking into /proc, where there is no cgroup */
	int reason;
};

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

/* The first number after `key` (v2's cpu.stat is microseconds by name, v1's cpuacct.usage bare ns). */
static int64_t read_counter(int fd)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = 0;
	if (!strncmp(text, "usage_usec ", 11))
		return strtoll(text + 11, NULL, 10) * 1000;
	return strtoll(text, NULL, 10);
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

/* Without a cgroup: add up what the slot's processes, but ourselves, show in /proc. */
static void sample_processes(struct watch *w, uint64_t suspicious)
{
	int64_t ticks = 0, kb = 0, again = 0;
	add_processes(0, &ticks, &kb);
	if ((uint64_t)kb * 1024 > suspicious) /* forks count what they share once each: look closer */
		kb = 0, add_processes(1, &again, &kb);
	int64_t ns = ticks * (1000000000 / sysconf(_SC_CLK_TCK));
	if (ns > w->sampled_ns)
		w->sampled_ns = ns;
	if (kb > w->peak_kb)
		w->peak_kb = kb;
}

static int64_t cpu_used(struct watch *w, const struct request *q)
{
	if (w->counter >= 0)
		return read_counter(w->counter) - w->base_ns;
	sample_processes(w, q->sampled_memory);
	int64_t reaped = slot.page->reaped_cpu_ns;
	return w->sampled_ns > reaped ? w->sampled_ns : reaped;
}

static void stop_box(struct watch *w, int reason)
{
	if (!w->reason)
		w->reason = reason;
	syscall(SYS_pidfd_send_signal, w->box, SIGKILL, NULL, 0);
}

/* Ends what has used up its time or memory; returns how long to sleep before looking again. */
static int64_t look(struct watch *w, const struct request *q)
{
	int64_t cpu = cpu_used(w, q) - slot.page->own_cpu_ns;
	int64_t start = slot.page->started_ns ? slot.page->started_ns : w->born_ns;
	int64_t left = (int64_t)q->wall_ns - (now_ns(CLOCK_MONOTONIC) - start);
	int64_t cpu_left = (int64_t)q->cpu_ns - cpu;
	if (cpu_left <= 0)
		stop_box(w, REASON_CPU);
	else if (left <= 0)
		stop_box(w, REASON_WALL);
	else if (q->sampled_memory && (uint64_t)w->peak_kb * 1024 > q->sampled_memory)
		stop_box(w, REASON_MEMORY);
	int64_t pause = cpu_left / (q->cores ? (int64_t)q->cores : 1);
	if (pause > left)
		pause = left;
	if (pause > LOOK_LONGEST_NS)
		pause = LOOK_LONGEST_NS;
	return pause < LOOK_SHORTEST_NS ? LOOK_SHORTEST_NS : pause;
}

/* A word from the caller during a run: only KILL of this very run counts. EOF: the caller is gone. */
static void hear(struct watch *w)
{
	struct request word;
	ssize_t n = recv(slot.control, &word, sizeof word, MSG_DONTWAIT | MSG_TRUNC);
	if (n == 0)
		_exit(0);
	if (n >= (ssize_t)sizeof word && word.kind == ASK_KILL && word.serial == w->serial)
		stop_box(w, REASON_CALLER);
}

static void watch_box(struct watch *w, const struct request *q)
{
	struct pollfd p[2] = { { .fd = w->box, .events = POLLIN }, { .fd = slot.control, .events = POLLIN } };
	while (!(p[0].revents & POLLIN)) {
		int64_t pause = look(w, q);
		struct timespec t = { pause / 1000000000, pause % 1000000000 };
		if (ppoll(p, 2, &t, NULL) < 0 && errno != EINTR)
			_exit(1);
		if (p[1].revents & (POLLIN | POLLHUP))
			hear(w);
	}
}

/* ---------------------------------------------------------------- the zygote: start one run */

static int make_work(uint64_t size)
{
	char text[32];
	int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	snprintf(text, sizeof text, "%llu", (unsigned long long)size);
	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "size", text, 0) < 0 ||
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

/* Mount points outside /w and /tmp live on the slot's root; made once, when first asked for. */
static int make_targets(const struct request *q, const struct asked *asked)
{
	for (uint32_t i = 0; i < q->mounts; i++) {
		const char *target = asked->mount_targets[i];
		if (!strncmp(target, "/w/", 3) || !strncmp(target, "/tmp/", 5) || access(target, F_OK) == 0)
			continue;
		if (guard_root(0) < 0)
			return -1;
		int made = make_parents(AT_FDCWD, target) < 0 ? -1 : mkdir(target, 0755);
		if (guard_root(1) < 0 || made < 0)
			return -1;
	}
	return 0;
}

static int clone_box(int *box, int cgroup)
{
	struct clone_args a = { .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_PIDFD,
				.pidfd = (uint64_t)(uintptr_t)box, .exit_signal = SIGCHLD };
	if (cgroup >= 0) {
		a.flags |= CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)cgroup;
	}
	return (int)syscall(SYS_clone3, &a, sizeof a);
}

static void tell_end(struct watch *w, const struct request *q, int64_t asked_ns, int work)
{
	int64_t gone_ns = now_ns(CLOCK_MONOTONIC), ended = slot.page->ended_ns ? slot.page->ended_ns : gone_ns;
	int64_t started = slot.page->started_ns ? slot.page->started_ns : gone_ns;
	int64_t cpu = cpu_used(w, q) - (w->counter >= 0 ? slot.page->own_cpu_ns : 0);
	struct report r = { .magic = WIRE_MAGIC, .kind = REPORT_ENDED, .serial = w->serial, .stage = slot.page->stage,
			    .error = slot.page->error, .reason = w->reason, .status = slot.page->status,
			    .waited = slot.page->waited, .cpu_ns = cpu > 0 ? cpu : 0, .wall_ns = ended - started,
			    .started_ns = started, .setup_ns = started - asked_ns, .teardown_ns = gone_ns - ended,
			    .max_rss_kb = slot.page->max_rss_kb, .peak_kb = w->peak_kb };
	tell(&r, &work, q->flags & WANT_WORK ? 1 : 0);
}

static void run_box(const struct request *q, const struct asked *asked, const struct filter *filter)
{
	int64_t asked_ns = now_ns(CLOCK_MONOTONIC), own = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	struct watch w = { .serial = q->serial, .counter = slot.counter, .box = -1 };
	int cgroup = q->flags & HAS_CGROUP ? inbox_fds[inbox_fd_count - 1] : -1;
	memset(slot.page, 0, sizeof *slot.page);
	if (cgroup >= 0)
		w.counter = openat(cgroup, "cpu.stat", O_RDONLY | O_CLOEXEC);
	int work = make_work(q->workspace_bytes);
	if (work < 0 || make_targets(q, asked) < 0) {
		tell_failure(q->serial, STAGE_WORK, errno);
		goto out;
	}
	w.base_ns = w.counter >= 0 ? read_counter(w.counter) : 0;
	w.born_ns = now_ns(CLOCK_MONOTONIC);
	pid_t pid = clone_box(&w.box, cgroup);
	if (pid == 0)
		be_init(q, asked, filter, work);
	if (pid < 0) {
		tell_failure(q->serial, STAGE_CLONE, errno);
		goto out;
	}
	for (int i = 0; i < inbox_fd_count; i++) /* ours would keep the pipes open */
		if (inbox_fds[i] != cgroup)
			close(inbox_fds[i]), inbox_fds[i] = -1;
	watch_box(&w, q);
	waitpid(pid, NULL, 0);
	if (slot.counter >= 0)
		slot.page->own_cpu_ns += now_ns(CLOCK_PROCESS_CPUTIME_ID) - own;
	tell_end(&w, q, asked_ns, work);
out:
	for (int i = 0; i < inbox_fd_count; i++)
		if (inbox_fds[i] >= 0)
			close(inbox_fds[i]);
	close(work);
	close(w.box);
	if (w.counter != slot.counter)
		close(w.counter);
}

static ssize_t receive(void)
{
	char control[CMSG_SPACE(sizeof inbox_fds)];
	struct iovec body = { inbox.bytes, sizeof inbox.bytes };
	struct msghdr m = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	ssize_t n = recvmsg(slot.control, &m, MSG_CMSG_CLOEXEC);
	inbox_fd_count = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); n > 0 && c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			inbox_fd_count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(inbox_fds, CMSG_DATA(c), (size_t)inbox_fd_count * sizeof(int));
		}
	return n > 0 && (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ? 0 : n;
}

static void serve(void)
{
	for (ssize_t n; (n = receive()) > 0;) {
		static struct asked asked;
		const struct filter *filter = NULL;
		if (n >= (ssize_t)sizeof inbox.head && inbox.head.magic == WIRE_MAGIC && inbox.head.kind == ASK_KILL)
			continue; /* it came too late: that run is over */
		int bad = wire_parse(inbox.bytes, (size_t)n, inbox_fd_count, slot.shares, &asked);
		if (!bad && !(filter = find_filter(asked.needs)))
			bad = EINVAL;
		if (!bad) {
			run_box(&inbox.head, &asked, filter);
			continue;
		}
		for (int i = 0; i < inbox_fd_count; i++)
			close(inbox_fds[i]);
		tell_failure(n >= (ssize_t)sizeof inbox.head ? inbox.head.serial : 0, STAGE_PARSE, bad);
	}
}

/* ---------------------------------------------------------------- start */

static void tell_ready(void)
{
	struct report r = { .magic = WIRE_MAGIC, .kind = REPORT_READY };
	int fds[MAX_SHARES];
	char path[32];
	for (int i = 0; i < slot.shares; i++) {
		snprintf(path, sizeof path, "/.shares/%d", i);
		if ((fds[i] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
			die(STAGE_SHARES);
	}
	tell(&r, fds, slot.shares);
	for (int i = 0; i < slot.shares; i++)
		close(fds[i]);
}

static void add_bind(char kind, const char *source, const char *target)
{
	static char names[MAX_SHARES][32];
	if (slot.count >= MAX_BINDS || (kind == 's' && slot.shares >= MAX_SHARES)) {
		errno = E2BIG;
		die(STAGE_ARGUMENTS);
	}
	if (kind == 's') {
		snprintf(names[slot.shares], sizeof names[0], "/.shares/%d", slot.shares);
		target = names[slot.shares++];
	}
	slot.binds[slot.count++] = (struct bind){ kind, source, target, -1 };
}

static void read_arguments(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		char kind = argv[i][0] == '-' ? argv[i][1] : 0;
		if (kind == 'u')
			slot.uid = (uid_t)atoi(argv[i + 1]);
		else if (kind == 'j' && slot.joins < MAX_FDS)
			slot.join[slot.joins++] = atoi(argv[i + 1]);
		else if (kind == 'x')
			slot.control = atoi(argv[i + 1]);
		else if (kind == 'c')
			slot.counter = atoi(argv[i + 1]);
		else if (kind == 'p')
			slot.cpus = argv[i + 1];
		else if (kind == 's')
			add_bind('s', argv[i + 1], NULL);
		else if (kind == 'd')
			add_bind('d', NULL, argv[i + 1]);
		else if (kind && strchr("bvlf", kind) && i + 2 < argc)
			add_bind(kind, argv[i + 1], argv[i + 2]), i++;
		else
			errno = EINVAL, die(STAGE_ARGUMENTS);
	}
}

static int keep(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int status;
	if (unshare(CLONE_NEWPID | (slot.uid ? 0 : CLONE_NEWUSER)) < 0)
		die(STAGE_UNSHARE);
	if (!slot.uid)
		map_ids(uid, gid);
	pid_t zygote = fork();
	if (zygote < 0)
		die(STAGE_CLONE);
	if (zygote > 0) {
		syscall(SYS_close_range, 0, ~0U, 0);
		while (waitpid(zygote, &status, 0) < 0 && errno == EINTR)
			;
		return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	}
	become_zygote();
	tell_ready();
	serve();
	return 0;
}

int main(int argc, char **argv)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return puts(SOURCE_HASH) < 0;
	slot.page = mmap(NULL, sizeof *slot.page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (slot.page == MAP_FAILED)
		return 1;
	read_arguments(argc, argv);
	add_bind('d', NULL, "/proc");
	add_bind('d', NULL, "/w");
	add_bind('d', NULL, "/tmp");
	add_bind('d', NULL, "/.box");
	add_bind('d', NULL, "/.empty");
	return keep();
}
