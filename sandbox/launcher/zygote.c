/* The zygote's loop: makes a box ahead of each request from Python, runs the request in it and reports its end. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"
#include "mounts.h"

enum { MAX_HELD_BYTES = 1 << 16 };

static struct box no_box(void)
{
	return (struct box){ 0, -1, -1, -1, slot.cpu_counter_fd, slot.memory_stat_fd, -1, -1 };
}

/* ---------------------------------------------------------------- making and ending a box */

static int clone_init(int *pidfd, int cgroup)
{
	struct clone_args a = { .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_PIDFD,
				.pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD };
	if (cgroup >= 0) {
		a.flags |= CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)cgroup;
	}
	return (int)syscall(SYS_clone3, &a, sizeof a);
}

/* Kills the box: when init is dead, every process of the box is dead. Closing `mounts_fd` removes its mounts. */
static void end_box(struct box *box)
{
	if (box->pid > 0) {
		syscall(SYS_pidfd_send_signal, box->pidfd, SIGKILL, NULL, 0);
		waitpid(box->pid, NULL, 0);
	}
	close(box->mounts_fd);
	box->pid = 0, box->mounts_fd = -1;
}

static void destroy_box(struct box *box)
{
	end_box(box);
	if (box->cpu_counter_fd != slot.cpu_counter_fd)
		close(box->cpu_counter_fd);
	if (box->memory_stat_fd != slot.memory_stat_fd)
		close(box->memory_stat_fd);
	close(box->pidfd), close(box->work), close(box->init_socket), close(box->stdin_mount);
	*box = no_box();
}

static void forget_next_cgroup(void)
{
	close(slot.next_cgroup_fd);
	slot.next_cgroup_fd = -1;
}

/*
 * Make a box that waits for its request. Returns 0, or the stage at which it failed. If the clone fails, the cgroup (v2)
 * stays for the next try. No box is made without the cgroup that limits it.
 */
static int create_box(struct box *box)
{
	int sockets[2];
	struct received_fds received;
	char byte;
	memset(slot.status, 0, sizeof *slot.status);
	if (slot.uses_run_cgroups && slot.next_cgroup_fd < 0) {
		slot.status->error = ENODEV;
		return STAGE_JOIN;
	}
	if ((box->work = create_work_tmpfs(slot.work_bytes)) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) {
		slot.status->error = errno;
		destroy_box(box);
		return STAGE_WORK;
	}
	if (slot.next_cgroup_fd >= 0) {
		box->cpu_counter_fd = openat(slot.next_cgroup_fd, "cpu.stat", O_RDONLY | O_CLOEXEC);
		box->memory_stat_fd = openat(slot.next_cgroup_fd, "memory.stat", O_RDONLY | O_CLOEXEC);
	}
	box->pid = clone_init(&box->pidfd, slot.next_cgroup_fd);
	if (box->pid == 0)
		run_init(box->work, sockets[1]);
	if (box->pid < 0)
		slot.status->error = errno;
	box->init_socket = sockets[0];
	close(sockets[1]);
	if (box->pid < 0) {
		destroy_box(box);
		return STAGE_CLONE;
	}
	forget_next_cgroup();
	if (receive_message(box->init_socket, &byte, 1, 0, &received) == 1 && received.count == 1)
		box->mounts_fd = received.fd[0];
	return 0; /* if init has died already, monitor_run() sees it at once */
}

/* ---------------------------------------------------------------- one run */

/* Mount points outside /w and /tmp are on the slot's root. Each is made once, when it is first needed. */
static int make_mount_points(const struct request *q, const struct parsed_request *parsed)
{
	for (uint32_t i = 0; i < q->mount_count; i++) {
		const char *target = parsed->mount_targets[i];
		if (!strncmp(target, "/w/", 3) || !strncmp(target, "/tmp/", 5) || access(target, F_OK) == 0)
			continue;
		if (remount_root(0) < 0)
			return -1;
		int made = make_parents(AT_FDCWD, target) < 0 ? -1 : mkdir(target, 0755);
		if (remount_root(1) < 0 || made < 0)
			return -1;
	}
	return 0;
}

/* Until the mounts of an ended box are gone, the next run is charged with the memory of its tmpfs. */
static int holds_memory(int work)
{
	struct statfs s;
	return fstatfs(work, &s) < 0 || (uint64_t)(s.f_blocks - s.f_bfree) * (uint64_t)s.f_bsize > MAX_HELD_BYTES;
}

static void report_end(struct monitor *m, const struct request *q, int64_t asked_ns, int work)
{
	const struct box_status *status = slot.status;
	int64_t gone_ns = now_ns(CLOCK_MONOTONIC), ended = status->ended_ns ? status->ended_ns : gone_ns;
	int64_t started = status->started_ns ? status->started_ns : gone_ns;
	int64_t cpu = used_cpu_ns(m, q) - (m->cpu_counter_fd >= 0 ? status->setup_cpu_ns : 0);
	struct report r = { .magic = PROTOCOL_MAGIC, .kind = REPORT_ENDED, .serial = m->serial, .stage = status->stage,
			    .error = status->error, .kill_reason = m->kill_reason, .wait_status = status->wait_status,
			    .reaped = status->reaped, .cpu_ns = cpu > 0 ? cpu : 0, .wall_ns = ended - started,
			    .started_ns = started, .setup_ns = started - asked_ns, .teardown_ns = gone_ns - ended,
			    .delay_ns = m->delay_ns,
			    .max_rss_kb = status->max_rss_kb, .sampled_peak_kb = m->sampled_peak_kb,
			    .least_cache_kb = m->least_cache_kb, .most_cache_kb = m->most_cache_kb };
	send_report(&r, &work, q->flags & RETURN_WORK ? 1 : 0);
}

/* CPU time before the box gets its request counts for the launcher. Later CPU time counts for the run, less the launcher's own. */
static void run_box(struct box *box, const struct request *q, struct received_fds *received, int64_t asked_ns)
{
	struct monitor m = { .serial = q->serial, .cpu_counter_fd = box->cpu_counter_fd, .init_pidfd = box->pidfd,
			     .memory_stat_fd = box->memory_stat_fd, .least_cache_kb = -1, .most_cache_kb = -1 };
	int64_t own = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	m.counter_at_start = m.cpu_counter_fd >= 0 ? read_cpu_counter(m.cpu_counter_fd) : 0;
	send_message(box->init_socket, "", 1, received->fd, received->count); /* if init has died, monitor_run() sees it */
	close_received(received); /* the zygote's copies would keep the pipes open */
	monitor_run(&m, q, box->init_socket);
	if (slot.cpu_counter_fd >= 0)
		slot.status->setup_cpu_ns += now_ns(CLOCK_PROCESS_CPUTIME_ID) - own;
	if (holds_memory(box->work)) {
		end_box(box);
		if (!(q->flags & RETURN_WORK)) /* an open descriptor would keep its memory */
			close(box->work), box->work = -1;
	}
	report_end(&m, q, asked_ns, box->work);
}

/* Gives the box the work size of this run, since the box was made with the size of the last run. */
static int fit_work_size(int work, uint64_t bytes)
{
	if (bytes == slot.work_bytes)
		return 0;
	if (resize_work_tmpfs(work, bytes) < 0)
		return -1; /* the next box is made with a size that is known to work */
	slot.work_bytes = bytes;
	return 0;
}

/* /proc shows the path of an open file. The target could read there which test its stdin is. */
static int hide_stdin_path(struct box *box, const struct request *q, struct received_fds *received)
{
	if (q->flags & STDIN_MOUNT)
		box->stdin_mount = received->fd[--received->count];
	if (!(q->flags & HIDE_STDIN_PATH) || q->flags & STDIN_MOUNT)
		return 0;
	int hidden = open_without_path(received->fd[0], &box->stdin_mount);
	if (hidden < 0)
		return -1;
	close(received->fd[0]);
	received->fd[0] = hidden;
	return 0;
}

/* Run the request. Then make the next box, unless its cgroup (v2) has not come yet. If that fails, the next run
 * tries again. */
static void run(struct box *box, struct received_fds *received)
{
	const struct request *q = &shared->message.head;
	int64_t asked_ns = now_ns(CLOCK_MONOTONIC);
	int stage = box->pid ? 0 : create_box(box);
	if (!stage && (fit_work_size(box->work, q->workspace_bytes) < 0 || make_mount_points(q, &shared->request) < 0))
		slot.status->error = errno, stage = STAGE_WORK;
	if (!stage && hide_stdin_path(box, q, received) < 0)
		slot.status->error = errno, stage = STAGE_STDIN;
	if (stage)
		send_failure(q->serial, stage, slot.status->error), forget_next_cgroup();
	else
		run_box(box, q, received, asked_ns);
	destroy_box(box);
	if (!slot.uses_run_cgroups || slot.next_cgroup_fd >= 0)
		create_box(box);
}

/* ---------------------------------------------------------------- the loop */

/* Replace the waiting box, if there is one, by a box in the new cgroup. */
static void change_cgroup(struct box *box, struct received_fds *received)
{
	slot.uses_run_cgroups = 1;
	accept_next_cgroup(received);
	destroy_box(box);
	create_box(box);
}

static int parse(size_t size, int fds)
{
	int error = parse_request(shared->message.bytes, size, fds, slot.share_count, &shared->request);
	if (error)
		return error;
	shared->filter = find_filter(shared->request.seccomp_profile);
	return shared->filter ? 0 : EINVAL;
}

void serve_requests(void)
{
	struct box box = no_box();
	const struct request *q = &shared->message.head;
	struct received_fds received;
	for (ssize_t n; (n = receive_message(slot.control_fd, shared->message.bytes, MAX_MESSAGE, 0, &received)) > 0;
	     close_received(&received)) {
		int has_head = n >= (ssize_t)sizeof *q && q->magic == PROTOCOL_MAGIC;
		if (has_head && q->kind == REQUEST_KILL)
			continue; /* that run is over already */
		if (has_head && q->kind == REQUEST_CGROUP) {
			change_cgroup(&box, &received);
			continue;
		}
		int error = parse((size_t)n, received.count);
		if (error)
			send_failure(has_head ? q->serial : 0, STAGE_PARSE, error);
		else
			run(&box, &received);
	}
}
