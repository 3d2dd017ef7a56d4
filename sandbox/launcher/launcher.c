/*
 * gavel-launcher: runs one untrusted command after another, each in a new box.
 *
 * THEORY OF OPERATION
 *
 * A worker starts this program for each of its slots. Its processes have five roles:
 *
 *   parent   the process that Python started (this file). It makes the slot's pid namespace and waits for the
 *            next two.
 *   files    only with -o 1 (file_server.c, stored_pages.c). It gives the slot the host's files as inodes of
 *            its own, so that boxes of two slots share no page of a file. It runs as the slot's user, and is
 *            not in the slot's cgroups. A process beside it drops missing names that programs ask for
 *            (missing_names.c).
 *   zygote   pid 1 of the slot (namespaces.c, zygote.c, run_monitor.c). It joins the slot's cgroups and builds
 *            the root file system ONCE: read-only binds of the paths on the command line, on a tmpfs, then
 *            pivot_root, so that nothing else of the host can be reached. It changes to the slot's own user and
 *            enters a user namespace with its own net, ipc and uts namespaces. The capabilities that it has
 *            there give it no right outside its slot.
 *   init     pid 1 of one box (box_init.c): made for every run by clone3(NEWPID|NEWNS|NEWIPC|NEWUTS), on
 *            cgroup v2 directly INTO the run's cgroup. It mounts a new /proc and one new tmpfs (seen as /w and
 *            /tmp) and waits for its request. Then it binds the run's read-only folders, covers the folders that
 *            the target must not see, writes the input files, starts the target and reaps.
 *   target   the untrusted program (target.c). It is never pid 1: the kernel does not send pid 1 signals for
 *            which it has no handler, and this would change how the target ends.
 *
 * Why a zygote. It takes time to move a process into a cgroup, to make a network namespace and to build the root.
 * All of that is done once per slot. No run moves a process.
 *
 * Why boxes are made ahead. A box does not depend on its run until its request comes. So the zygote makes the
 * next box after it has sent the last report, while the caller works, and the next run need not wait
 * for its box. A box serves one run and ends with it. The request and the status page are in memory that zygote
 * and init share. The run's descriptors come to init over a socket between the two. The mounts of an ended box,
 * too, are removed after the report is sent, unless they hold memory that would be charged to the next run.
 *
 * Trust. Requests come from Python over the control socket (SOCK_SEQPACKET, inherited, named on the command
 * line), never from a box. No message of a target is parsed. A target can choose only names: of files that it asks
 * for (file_server.c), and of its processes in /proc (proc_usage.c). It has only the descriptors 0, 1 and 2. Facts
 * about it (exec failed, wait status, times) go through an anonymous shared page, which the target loses at
 * execve. So it cannot forge these facts.
 *
 * How a box ends. If init is killed, the kernel kills every process of the box, and init counts as dead only
 * when all of them are dead. (An init with no child left is alone in its box. It reports this to the zygote,
 * which then need not wait for init's death.) The zygote kills init if the CPU time or the wall time is used up,
 * or if the caller asks for it. The CPU time is polled from the cgroup's counter. Without a cgroup, CPU time and
 * memory are polled from /proc, and the zygote also kills init if the memory is above the limit. If the caller
 * has ended (EOF on the socket), the zygote exits.
 * If the zygote ends, the kernel kills the slot's whole pid namespace, boxes included. If the parent dies, the
 * zygote gets SIGKILL. So after a kill -9 of any of them no process is left, and the mounts end with the processes.
 * (The caller removes the cgroup directories.)
 *
 * The report. When all processes are dead, the zygote sends the facts, and on request a descriptor of the
 * box's tmpfs, from which the caller reads files with openat2(RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS...).
 * No privileged process writes or chowns anything that a target could write.
 *
 * The order in the target, last to first: execve <- seccomp <- no capabilities <- rlimits <- fds closed <- own session.
 * no_new_privs, an empty bounding set and umask are inherited from the zygote. The target is started by vfork: until
 * its execve it runs the launcher's code in init's memory, to which it has no access afterwards. That memory stays
 * undumpable throughout, so the target cannot open it by /proc/1 either.
 *
 * Single-threaded, no library but libc. After the start, only the file server and the reading of /proc allocate
 * memory. An error is reported as a stage and an errno.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "file_server.h"
#include "launcher.h"

enum { LAUNCHER_NICE = -10 };

struct slot slot = { .cpu_counter_fd = -1, .memory_stat_fd = -1, .next_cgroup_fd = -1, .work_bytes = 1 << 28 };
struct shared *shared;

/* ---------------------------------------------------------------- clocks and reports */

int64_t now_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t timeval_ns(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
}

int64_t rusage_ns(const struct rusage *usage)
{
	return timeval_ns(usage->ru_utime) + timeval_ns(usage->ru_stime);
}

/* EPIPE means that Python has ended. Then the launcher exits, too. */
void send_report(const struct report *report, const int *fds, int count)
{
	if (send_message(slot.control_fd, report, sizeof *report, fds, count) < 0)
		_exit(0);
}

void send_failure(uint64_t serial, int stage, int error)
{
	struct report r = { .magic = PROTOCOL_MAGIC, .kind = REPORT_FAILED, .serial = serial, .stage = stage, .error = error };
	send_report(&r, NULL, 0);
}

void fail_setup(int stage)
{
	send_failure(0, stage, errno);
	_exit(1);
}

/* Also sends a descriptor of each share, through which Python opens stdin files read-only. */
static void send_ready(void)
{
	struct report r = { .magic = PROTOCOL_MAGIC, .kind = REPORT_READY };
	int fds[MAX_SHARES];
	char path[32];
	for (int i = 0; i < slot.share_count; i++) {
		snprintf(path, sizeof path, "/.shares/%d", i);
		if ((fds[i] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
			fail_setup(STAGE_SHARES);
	}
	send_report(&r, fds, slot.share_count);
	for (int i = 0; i < slot.share_count; i++)
		close(fds[i]);
}

/* ---------------------------------------------------------------- the command line */

static void add_entry(char kind, const char *source, const char *target)
{
	static char share_paths[MAX_SHARES][32];
	if (slot.entry_count >= MAX_ROOT_ENTRIES || (kind == 's' && slot.share_count >= MAX_SHARES)) {
		errno = E2BIG;
		fail_setup(STAGE_ARGUMENTS);
	}
	if (kind == 's') {
		snprintf(share_paths[slot.share_count], sizeof share_paths[0], "/.shares/%d", slot.share_count);
		target = share_paths[slot.share_count++];
	}
	slot.entries[slot.entry_count++] = (struct root_entry){ kind, source, target, -1 };
}

/*
 * -u UID, -j FD (cgroup.procs to join), -x FD (control socket), -c FD (CPU counter), -m FD (memory.stat), -p CORES,
 * -o 1 (the host's files through FUSE), -s PATH (a share), -d TARGET (a folder), -b SOURCE TARGET (a bind),
 * -v SOURCE TARGET (a device),
 * -l SOURCE TARGET (a symbolic link), -f TEXT TARGET (a file with this text).
 */
static void read_arguments(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		char kind = argv[i][0] == '-' ? argv[i][1] : 0;
		if (kind == 'u')
			slot.uid = (uid_t)atoi(argv[i + 1]);
		else if (kind == 'j' && slot.cgroup_count < MAX_CGROUPS)
			slot.cgroup_fds[slot.cgroup_count++] = atoi(argv[i + 1]);
		else if (kind == 'x')
			slot.control_fd = atoi(argv[i + 1]);
		else if (kind == 'c')
			slot.cpu_counter_fd = atoi(argv[i + 1]);
		else if (kind == 'm')
			slot.memory_stat_fd = atoi(argv[i + 1]);
		else if (kind == 'p')
			slot.cpus = argv[i + 1];
		else if (kind == 'o')
			slot.serves_files = atoi(argv[i + 1]);
		else if (kind == 's')
			add_entry('s', argv[i + 1], NULL);
		else if (kind == 'd')
			add_entry('d', NULL, argv[i + 1]);
		else if (kind && strchr("bvlf", kind) && i + 2 < argc)
			add_entry(kind, argv[i + 1], argv[i + 2]), i++;
		else
			errno = EINVAL, fail_setup(STAGE_ARGUMENTS);
	}
}

/* ---------------------------------------------------------------- the parent */

/*
 * If the file server ends, the slot is useless, and the zygote is killed. This returns only when the zygote
 * has ended, since then no box is left.
 */
static int wait_for_zygote(pid_t zygote)
{
	int status = 0;
	syscall(SYS_close_range, 0, ~0U, 0);
	for (pid_t ended; (ended = wait(&status)) != zygote && (ended > 0 || errno == EINTR);)
		if (ended > 0)
			kill(zygote, SIGKILL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Move a descriptor to a high number: the file server needs the numbers 3 and 4. Returns -1 with errno on an error, or if fd is -1. */
static int move_up(int fd)
{
	int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, MAX_DESCRIPTORS + MAX_CGROUPS), saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return moved;
}

/*
 * Opens the FUSE device here, in the user namespace in which the zygote mounts it later: the kernel requires
 * that they are the same. Returns the reading end of the pipe that reports the mount.
 */
static int prepare_files(void)
{
	int ends[2], mounted;
	if ((slot.files_fd = move_up(open_files_device())) < 0 || pipe2(ends, O_CLOEXEC) < 0 || (mounted = move_up(ends[0])) < 0)
		fail_setup(STAGE_SERVE_FILES);
	slot.mounted_fd = ends[1];
	return mounted;
}

/*
 * The server runs outside the slot's pid namespace and cgroups, since inside them it would count as a process of the
 * box. But it runs on the slot's cores, since it works only for the slot's programs and must not take time from the
 * programs of other slots.
 */
static void start_file_server(void)
{
	int mounted = prepare_files();
	pid_t server = fork();
	if (server == 0) {
		pin_to_cores();
		serve_files(slot.files_fd, mounted);
	}
	if (server < 0)
		fail_setup(STAGE_SERVE_FILES);
	close(mounted);
}

static int run_parent(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	/*
	 * The process that measures a program must not wait for that program. If a better priority is not allowed,
	 * the priority stays as it is.
	 */
	setpriority(PRIO_PROCESS, 0, LAUNCHER_NICE);
	if (!slot.uid && unshare(CLONE_NEWUSER) < 0)
		fail_setup(STAGE_UNSHARE);
	if (!slot.uid)
		map_ids(uid, gid);
	if (slot.serves_files)
		start_file_server();
	if (unshare(CLONE_NEWPID) < 0)
		fail_setup(STAGE_UNSHARE);
	pid_t zygote = fork();
	if (zygote < 0)
		fail_setup(STAGE_CLONE);
	if (zygote > 0)
		return wait_for_zygote(zygote);
	set_up_slot();
	send_ready();
	serve_requests();
	return 0;
}

static void reset_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
}

int main(int argc, char **argv)
{
	reset_signals();
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return puts(SOURCE_HASH) < 0;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	slot.status = &shared->status;
	read_arguments(argc, argv);
	add_entry('d', NULL, "/proc");
	add_entry('d', NULL, "/w");
	add_entry('d', NULL, "/tmp");
	add_entry('d', NULL, "/.box");
	add_entry('d', NULL, "/.empty");
	return run_parent();
}
