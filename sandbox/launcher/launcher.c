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
 *            (seen as /w and /tmp) and waits for its order; then it binds the run's own read-only folders,
 *            covers what the target must not see, lays the files, starts the target and reaps. The target
 *            is never pid 1: signals without a handler do not reach a pid 1 and would falsify how it ended.
 *
 * Why a zygote. Moving a process into a cgroup costs 8 ms after a pause, a network namespace 0.5 ms,
 * building the root as much again. All of that is paid once per slot. Nothing is moved on a run's path.
 *
 * Why boxes are made ahead. A box knows nothing of its run until its order comes, so the zygote makes the
 * next one once the last run is told, while the caller judges: a quarter of a millisecond less to wait for.
 * A box serves one run and dies with it. Request and page lie in memory that zygote and init share; the
 * run's descriptors come to init over a socket between the two. In the same way an ended box's mounts are
 * taken down after its end is told, unless they hold memory that the next run would be charged with.
 *
 * Whom we trust. The caller, over the control socket (SOCK_SEQPACKET, inherited, named on the command line): requests come
 * from Python, never from the box. Nothing that a target can write is ever parsed by us. The target
 * holds no descriptor but 0, 1 and 2. Facts about it (exec failed, wait status, times) go through an
 * anonymous shared page that execve takes away from it: there is no channel it could forge.
 *
 * Who ends a box. Killing init kills every process of the box; the kernel sees to it, and init counts
 * as dead only when all of them are. (An init with no child left is alone in its box: it says so, and its
 * own death need not be waited for.) The zygote kills it when: CPU time, polled from the cgroup's
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
 * session <- fds closed. no_new_privs, an empty bounding set and umask are inherited from the zygote. It is
 * started by vfork: until its execve it runs our code in init's memory, which it then has no more of. That
 * memory stays undumpable throughout, so the target cannot open it by /proc/1 either.
 *
 * Single-threaded, no allocation after start, no library but libc, errors are told by place and errno.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
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
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <grp.h>

#include "filters.h"
#include "proc_usage.h"
#include "mounts.h"
#include "protocol.h"

enum { MAX_FDS = 8, MAX_SHARES = 16, MAX_BINDS = 96, INNER_ID = 1000, MUCH_BYTES = 1 << 16, AHEAD = -10, OOM_FIRST = 1000 };

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
	int spared;                /* init's oom_score_adj, between the zygote's and the target's */
	int group, grouped;        /* the cgroup for the next box (v2); whether there ever was one */
	uint64_t work_bytes;       /* the size of the next box's tmpfs */
	struct page *page;
} slot = { .counter = -1, .group = -1, .work_bytes = 1 << 28 };

/* What zygote and init have in common: made before the first box, at one address in both. */
static struct common {
	struct page page;
	union { struct request head; char bytes[WIRE_LARGEST]; } inbox;
	struct asked asked;
	const struct filter *filter;
} *common;

/* A box from its making to its end; `mounts` is its mount namespace and `input` its stdin's mount, held so that
 * their ends can wait. */
struct box { pid_t pid; int pidfd, work, line, counter, mounts, input; };

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

/* Tell the caller a thing, with descriptors. EPIPE means the caller is gone: then so are we. */
static void tell(const struct report *report, const int *fds, int count)
{
	if (send_with(slot.control, report, sizeof *report, fds, count) < 0)
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

/* ---------------------------------------------------------------- the slot: root, user, namespaces */

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
		if (strchr("bvs", b->kind) && (b->tree = grab_tree(b->source, b->kind == 'v')) < 0)
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

/* For lack of memory the target is to die first, then init, and the zygote last of all: halfway lies init. */
static void rank_init(void)
{
	char text[16] = { 0 };
	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		die(STAGE_PROC);
	close(fd);
	slot.spared = (atoi(text) + OOM_FIRST) / 2;
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
	rank_init();
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

/* Nothing of /proc is to be written in a box: above all not oom_score_adj, by which others would die instead. */
static void mount_box(int work)
{
	unsigned long how = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (mount("proc", "/proc", "proc", how, "hidepid=invisible,subset=pid") < 0)
		fail_box(STAGE_BOX_PROC);
	if (hang_tree(work, "/.box") < 0 || bind_to("/.box/w", "/w") < 0 || bind_to("/.box/tmp", "/tmp") < 0)
		fail_box(STAGE_BOX_WORK);
}

static void mount_shares(const struct request *q, const struct asked *asked)
{
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
	limit(RLIMIT_CORE, 1); /* no core into a file, as with 0, and none to a program of the host's either */
	limit(RLIMIT_FSIZE, q->file_bytes);
	limit(RLIMIT_NOFILE, q->open_files);
	limit(RLIMIT_STACK, q->stack_bytes);
	limit(RLIMIT_DATA, q->data_bytes);
	limit(RLIMIT_AS, q->address_bytes);
	limit(RLIMIT_CPU, q->cpu_seconds);
	limit(RLIMIT_MEMLOCK, 65536);
	limit(RLIMIT_MSGQUEUE, 0);
	limit(RLIMIT_SIGPENDING, 1024); /* each timer counts too, and is the kernel's own memory */
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

static int64_t own_ns(void)
{
	struct rusage own;
	getrusage(RUSAGE_SELF, &own);
	return rusage_ns(&own);
}

static void become_target(const struct request *q, const struct asked *asked, const int *fds)
{
	const struct filter *filter = common->filter;
	struct sock_fprog program = { filter->length, (struct sock_filter *)(uintptr_t)filter->code };
	setsid();
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			fail_box(STAGE_BOX_FDS);
	if (syscall(SYS_close_range, 3, ~0U, 0) < 0)
		fail_box(STAGE_BOX_FDS);
	if (setpriority(PRIO_PROCESS, 0, 0) < 0)
		fail_box(STAGE_BOX_LIMITS);
	set_limits(q);
	drop_capabilities();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	slot.page->own_cpu_ns += own_ns();
	slot.page->started_ns = now_ns(CLOCK_MONOTONIC);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		fail_box(STAGE_BOX_SECCOMP);
	execve(asked->argv[0], (char **)(uintptr_t)asked->argv, (char **)(uintptr_t)asked->envp);
	fail_box(STAGE_EXEC);
}

/* Every orphan is our child: who has none left is alone in the box, and the zygote need not wait for our death. */
static void reap(pid_t target, int line)
{
	struct rusage of;
	int status;
	pid_t pid;
	while ((pid = wait4(-1, &status, 0, &of)) != target)
		if (pid < 0 && errno != EINTR)
			_exit(1);
	slot.page->ended_ns = now_ns(CLOCK_MONOTONIC);
	slot.page->status = status;
	slot.page->max_rss_kb = of.ru_maxrss;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	int alone = pid < 0 && errno == ECHILD;
	getrusage(RUSAGE_CHILDREN, &of);
	slot.page->reaped_cpu_ns = rusage_ns(&of);
	slot.page->waited = 1;
	if (alone && send_with(line, "", 1, NULL, 0) == 1)
		pause();
	_exit(0);
}

/*
 * Through the slot's /proc, which the box's will cover. Our own files there are ours only while we are dumpable;
 * nobody else is in the box yet.
 */
static int open_own(const char *path, int flags)
{
	prctl(PR_SET_DUMPABLE, 1);
	int fd = open(path, flags | O_CLOEXEC);
	prctl(PR_SET_DUMPABLE, 0);
	if (fd < 0)
		fail_box(STAGE_BOX_PROC);
	return fd;
}

static void rank(int oom, int value)
{
	char text[16];
	int n = snprintf(text, sizeof text, "%d", value);
	if (write(oom, text, (size_t)n) != n)
		fail_box(STAGE_BOX_LIMITS);
}

static void start_target(const struct request *q, const struct asked *asked, const int *fds, int oom, int line)
{
	pid_t target = vfork();
	if (target == 0)
		become_target(q, asked, fds);
	if (target < 0)
		fail_box(STAGE_BOX_FORK);
	rank(oom, slot.spared);
	dup2(line, 0);
	syscall(SYS_close_range, 1, ~0U, 0);
	reap(target, 0);
}

static void be_init(int work, int line)
{
	const struct request *q = &common->inbox.head;
	struct passed passed;
	char word;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int oom = open_own("/proc/self/oom_score_adj", O_WRONLY), mounts = open_own("/proc/self/ns/mnt", O_RDONLY);
	rank(oom, OOM_FIRST); /* the target inherits it */
	mount_box(work);
	int64_t before = own_ns();
	if (send_with(line, "", 1, &mounts, 1) < 0 || receive(line, &word, 1, 0, &passed) != 1)
		_exit(1);
	mount_shares(q, &common->asked);
	if (q->files)
		lay_files(q, &common->asked, passed.fd[3]);
	if (q->flags & READ_ONLY)
		close_work();
	if (chdir("/w") < 0)
		fail_box(STAGE_BOX_WORK);
	if (q->flags & NO_STDIN && (passed.fd[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
		fail_box(STAGE_BOX_FDS);
	slot.page->own_cpu_ns = own_ns() - before;
	start_target(q, &common->asked, passed.fd, oom, line);
}

/* ---------------------------------------------------------------- the zygote: watch one run */

struct watch {
	uint64_t serial;
	int box, counter;             /* pidfd of init; the CPU counter */
	int64_t base_ns, born_ns;     /* the counter and the clock at the start */
	int64_t peak_kb, sampled_ns;  /* by looking into /proc, where there is no cgroup */
	int reason;
};

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

static void take_group(struct passed *passed)
{
	close(slot.group);
	slot.group = passed->count == 1 ? passed->fd[0] : -1;
	passed->count -= slot.group >= 0;
	close_passed(passed);
}

/* A word from the caller during a run: a KILL of this very run, or the next box's group. EOF: the caller is gone. */
static void hear(struct watch *w)
{
	struct request word;
	struct passed passed;
	ssize_t n = receive(slot.control, &word, sizeof word, MSG_DONTWAIT, &passed);
	if (n == 0)
		_exit(0);
	if (n == (ssize_t)sizeof word && word.kind == ASK_KILL && word.serial == w->serial)
		stop_box(w, REASON_CALLER);
	if (n == (ssize_t)sizeof word && word.kind == ASK_GROUP)
		take_group(&passed);
	else
		close_passed(&passed);
}

/* Until init is dead, and with it all of its box, or says that it is alone there. */
static void watch_box(struct watch *w, const struct request *q, int line)
{
	struct pollfd p[3] = { { .fd = w->box, .events = POLLIN }, { .fd = line, .events = POLLIN },
			       { .fd = slot.control, .events = POLLIN } };
	while (!(p[0].revents & POLLIN) && !(p[1].revents & POLLIN && slot.page->waited)) {
		int64_t pause = look(w, q);
		struct timespec t = { pause / 1000000000, pause % 1000000000 };
		if (ppoll(p, 3, &t, NULL) < 0 && errno != EINTR)
			_exit(1);
		if (p[2].revents & (POLLIN | POLLHUP))
			hear(w);
		if (p[1].revents & POLLHUP) /* it is dying: its death is what counts */
			p[1].fd = -1;
	}
}

/* ---------------------------------------------------------------- the zygote: make a box, run it */

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

/* Its init dead, all that was in it is; closing its mounts takes them down. */
static void end_box(struct box *box)
{
	if (box->pid > 0) {
		syscall(SYS_pidfd_send_signal, box->pidfd, SIGKILL, NULL, 0);
		waitpid(box->pid, NULL, 0);
	}
	close(box->mounts);
	box->pid = 0, box->mounts = -1;
}

static void drop_box(struct box *box)
{
	end_box(box);
	if (box->counter != slot.counter)
		close(box->counter);
	close(box->pidfd), close(box->work), close(box->line), close(box->input);
	*box = (struct box){ 0, -1, -1, -1, slot.counter, -1, -1 };
}

/* Make a box that waits for its order, where there is none. Returns 0, or the stage at which it failed. */
static int make_box(struct box *box)
{
	int line[2];
	struct passed mounts;
	char word;
	memset(slot.page, 0, sizeof *slot.page);
	if ((box->work = make_work(slot.work_bytes)) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) < 0) {
		slot.page->error = errno;
		drop_box(box);
		return STAGE_WORK;
	}
	if (slot.group >= 0)
		box->counter = openat(slot.group, "cpu.stat", O_RDONLY | O_CLOEXEC);
	box->pid = clone_box(&box->pidfd, slot.group);
	if (box->pid == 0)
		be_init(box->work, line[1]);
	if (box->pid < 0)
		slot.page->error = errno;
	box->line = line[0];
	close(line[1]), close(slot.group);
	slot.group = -1;
	if (box->pid < 0) {
		drop_box(box);
		return STAGE_CLONE;
	}
	if (receive(box->line, &word, 1, 0, &mounts) == 1 && mounts.count == 1)
		box->mounts = mounts.fd[0];
	return 0; /* should its init have died, who watches it sees that at once */
}

/* What the tmpfs of an ended box holds is charged until its mounts are gone. */
static int holds_much(int work)
{
	struct statfs s;
	return fstatfs(work, &s) < 0 || (uint64_t)(s.f_blocks - s.f_bfree) * (uint64_t)s.f_bsize > MUCH_BYTES;
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

/* Whatever is there before the order is ours; what is counted from here on is the run's. */
static void run_box(struct box *box, const struct request *q, struct passed *passed, int64_t asked_ns)
{
	struct watch w = { .serial = q->serial, .counter = box->counter, .box = box->pidfd };
	int64_t own = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	w.base_ns = w.counter >= 0 ? read_counter(w.counter) : 0;
	w.born_ns = now_ns(CLOCK_MONOTONIC);
	send_with(box->line, "", 1, passed->fd, passed->count); /* to one that died: the watch sees it at once */
	close_passed(passed); /* ours would keep the pipes open */
	watch_box(&w, q, box->line);
	if (slot.counter >= 0)
		slot.page->own_cpu_ns += now_ns(CLOCK_PROCESS_CPUTIME_ID) - own;
	if (holds_much(box->work)) {
		end_box(box);
		if (!(q->flags & WANT_WORK)) /* held open it would hold on to its memory */
			close(box->work), box->work = -1;
	}
	tell_end(&w, q, asked_ns, box->work);
}

/* A box is made for a run like the last one. */
static int fit_work(int work, uint64_t size)
{
	if (size == slot.work_bytes)
		return 0;
	slot.work_bytes = size;
	return resize_work(work, size);
}

/* An open file tells by which path it was opened, and so which test this is. */
static int unname_stdin(struct box *box, const struct request *q, struct passed *passed)
{
	if (q->flags & STDIN_MOUNT)
		box->input = passed->fd[--passed->count];
	if (!(q->flags & NAMED_STDIN) || q->flags & STDIN_MOUNT)
		return 0;
	int unnamed = open_unnamed(passed->fd[0], &box->input);
	if (unnamed < 0)
		return -1;
	close(passed->fd[0]);
	passed->fd[0] = unnamed;
	return 0;
}

static void run(struct box *box, struct passed *passed)
{
	const struct request *q = &common->inbox.head;
	int64_t asked_ns = now_ns(CLOCK_MONOTONIC);
	int stage = box->pid ? 0 : make_box(box);
	if (!stage && (fit_work(box->work, q->workspace_bytes) < 0 || make_targets(q, &common->asked) < 0))
		slot.page->error = errno, stage = STAGE_WORK;
	if (!stage && unname_stdin(box, q, passed) < 0)
		slot.page->error = errno, stage = STAGE_STDIN;
	if (stage)
		tell_failure(q->serial, stage, slot.page->error);
	else
		run_box(box, q, passed, asked_ns);
	drop_box(box);
	if (!slot.grouped || slot.group >= 0)
		make_box(box); /* should it fail, the next run tries again and tells */
}

/* Another group than the one in which the waiting box stands, if there is one. */
static void change_group(struct box *box, struct passed *passed)
{
	slot.grouped = 1;
	take_group(passed);
	drop_box(box);
	make_box(box);
}

static int parse(size_t size, int fds)
{
	int bad = wire_parse(common->inbox.bytes, size, fds, slot.shares, &common->asked);
	return bad ? bad : (common->filter = find_filter(common->asked.needs)) ? 0 : EINVAL;
}

static void serve(void)
{
	struct box box = { 0, -1, -1, -1, slot.counter, -1, -1 };
	const struct request *q = &common->inbox.head;
	struct passed passed;
	for (ssize_t n; (n = receive(slot.control, common->inbox.bytes, WIRE_LARGEST, 0, &passed)) > 0; close_passed(&passed)) {
		int whole = n >= (ssize_t)sizeof *q && q->magic == WIRE_MAGIC;
		if (whole && q->kind == ASK_KILL)
			continue; /* it came too late: that run is over */
		if (whole && q->kind == ASK_GROUP) {
			change_group(&box, &passed);
			continue;
		}
		int bad = parse((size_t)n, passed.count);
		if (bad)
			tell_failure(whole ? q->serial : 0, STAGE_PARSE, bad);
		else
			run(&box, &passed);
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
	setpriority(PRIO_PROCESS, 0, AHEAD); /* where we may: who keeps the clock is not to wait for who is timed */
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
	common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (common == MAP_FAILED)
		return 1;
	slot.page = &common->page;
	read_arguments(argc, argv);
	add_bind('d', NULL, "/proc");
	add_bind('d', NULL, "/w");
	add_bind('d', NULL, "/tmp");
	add_bind('d', NULL, "/.box");
	add_bind('d', NULL, "/.empty");
	return keep();
}
