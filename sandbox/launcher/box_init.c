/* Pid 1 of one box: mounts its files, starts the target and reaps. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"
#include "mounts.h"

void fail_box(int stage)
{
	slot.status->error = errno;
	slot.status->stage = stage;
	_exit(1);
}

/* No file of /proc is writable in a box. With oom_score_adj, a program could have another process killed in its place. */
static void mount_box(int work)
{
	unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (mount("proc", "/proc", "proc", flags, "hidepid=invisible,subset=pid") < 0)
		fail_box(STAGE_BOX_PROC);
	if (attach_tree(work, "/.box") < 0 || bind_to("/.box/w", "/w") < 0 || bind_to("/.box/tmp", "/tmp") < 0)
		fail_box(STAGE_BOX_WORK);
}

static int bind_share(uint32_t share, const char *source, const char *target)
{
	char base[32];
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	struct mount_attr a = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	snprintf(base, sizeof base, "/.shares/%u", share);
	int top = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int folder = top < 0 ? -1 : (int)syscall(SYS_openat2, top, *source ? source : ".", &how, sizeof how);
	if (folder < 0)
		return -1;
	int tree = (int)syscall(SYS_open_tree, folder, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSE | AT_EMPTY);
	if (tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY | AT_RECURSE, &a, sizeof a) < 0)
		return -1;
	if (make_parents(AT_FDCWD, target) < 0 || (mkdir(target, 0755) < 0 && errno != EEXIST && errno != EROFS))
		return -1;
	return attach_tree(tree, target);
}

static void mount_shares(const struct request *q, const struct parsed_request *parsed)
{
	for (uint32_t i = 0; i < q->mount_count; i++)
		if (bind_share(parsed->mounts[i].share, parsed->mount_sources[i], parsed->mount_targets[i]) < 0)
			fail_box(STAGE_BOX_MOUNT);
	if (slot.share_count && bind_to("/.empty", "/.shares") < 0)
		fail_box(STAGE_BOX_COVER);
}

/* A full tmpfs takes a part of a block. Only the next write says why it takes no more. */
static int write_all(int to, const char *bytes, size_t size)
{
	for (ssize_t n; size > 0; bytes += n, size -= (size_t)n)
		if ((n = write(to, bytes, size)) < 0)
			return -1;
	return 0;
}

static int copy_bytes(int from, int to, uint64_t size)
{
	char block[65536];
	for (ssize_t n; size > 0; size -= (uint64_t)n) {
		if ((n = read(from, block, size < sizeof block ? size : sizeof block)) < 0)
			return -1;
		if (n == 0) /* the contents are shorter than the request says */
			return errno = ENODATA, -1;
		if (write_all(to, block, (size_t)n) < 0)
			return -1;
	}
	return 0;
}

/* Runs as the box's own user, before anything untrusted runs in the box. */
static void write_input_files(const struct request *q, const struct parsed_request *parsed, int contents)
{
	int work = open("/w", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (uint32_t i = 0; i < q->file_count; i++) {
		const char *name = parsed->file_names[i];
		if (make_parents(work, name) < 0)
			fail_box(STAGE_BOX_FILES);
		int fd = openat(work, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, parsed->files[i].mode & 0777);
		if (fd < 0 || copy_bytes(contents, fd, parsed->files[i].size) < 0)
			fail_box(STAGE_BOX_FILES);
		close(fd);
	}
	close(work);
}

/* Also covers /.box, the work folder's other name, since unmounting it would wait for RCU. /tmp stays writable. */
static void make_work_read_only(void)
{
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
	if (mount(NULL, "/w", NULL, flags, NULL) < 0 || bind_to("/.empty", "/.box") < 0)
		fail_box(STAGE_BOX_READ_ONLY);
}

/* Every orphan becomes init's child. So an init without children is alone in its box, and the zygote need not wait for
 * its death. */
static void reap(pid_t target, int socket)
{
	struct rusage usage;
	int status;
	pid_t pid;
	while ((pid = wait4(-1, &status, 0, &usage)) != target)
		if (pid < 0 && errno != EINTR)
			_exit(1);
	slot.status->ended_ns = now_ns(CLOCK_MONOTONIC);
	slot.status->wait_status = status;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	int alone = pid < 0 && errno == ECHILD;
	getrusage(RUSAGE_CHILDREN, &usage);
	slot.status->reaped_cpu_ns = rusage_ns(&usage);
	slot.status->max_rss_kb = usage.ru_maxrss;
	slot.status->reaped = 1;
	if (alone && send_message(socket, "", 1, NULL, 0) == 1)
		pause();
	_exit(0);
}

/*
 * Opens a file of init's own in the slot's /proc, which the box's /proc will cover. Such files belong to init
 * only while init is dumpable. No other process is in the box yet.
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

static void set_oom_score(int fd, int value)
{
	char text[16];
	int n = snprintf(text, sizeof text, "%d", value);
	if (write(fd, text, (size_t)n) != n)
		fail_box(STAGE_BOX_LIMITS);
}

/* After the vfork init keeps the socket as descriptor 0 and closes all others, so that no pipe stays open here. */
static void start_target(const int *fds, int oom_score_fd, int socket)
{
	pid_t target = vfork();
	if (target == 0)
		exec_target(&shared->message.head, &shared->request, fds);
	if (target < 0)
		fail_box(STAGE_BOX_FORK);
	set_oom_score(oom_score_fd, slot.init_oom_score);
	dup2(socket, 0);
	syscall(SYS_close_range, 1, ~0U, 0);
	reap(target, 0);
}

static void prepare_files(const struct request *q, const struct parsed_request *parsed, struct received_fds *received)
{
	mount_shares(q, parsed);
	if (q->file_count)
		write_input_files(q, parsed, received->fd[3]);
	if (q->flags & READ_ONLY_WORK)
		make_work_read_only();
	if (chdir("/w") < 0)
		fail_box(STAGE_BOX_WORK);
	if (q->flags & EMPTY_STDIN && (received->fd[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
		fail_box(STAGE_BOX_FDS);
}

/*
 * Enters a cgroup namespace. Otherwise /proc/self/cgroup would name the slot and the container. Init calls this
 * in the run's cgroup, which is the root of the namespace.
 */
static void hide_cgroup(void)
{
	if (unshare(CLONE_NEWCGROUP) < 0 && errno != EINVAL) /* a kernel without cgroups */
		fail_box(STAGE_BOX_CGROUP);
}

void run_init(int work, int socket)
{
	struct received_fds received;
	char byte;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	hide_cgroup();
	int oom_score_fd = open_own("/proc/self/oom_score_adj", O_WRONLY);
	int mounts_fd = open_own("/proc/self/ns/mnt", O_RDONLY);
	set_oom_score(oom_score_fd, MAX_OOM_SCORE); /* the target inherits it */
	mount_box(work);
	int64_t before = self_cpu_ns();
	if (send_message(socket, "", 1, &mounts_fd, 1) < 0 || receive_message(socket, &byte, 1, 0, &received) != 1)
		_exit(1);
	prepare_files(&shared->message.head, &shared->request, &received);
	slot.status->setup_cpu_ns = self_cpu_ns() - before;
	start_target(received.fd, oom_score_fd, socket);
	_exit(1); /* not reached: reap() exits */
}
