/* Sets up the slot once: its cgroups and cores, its root file system, its user and its namespaces. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file_server.h"
#include "launcher.h"
#include "mounts.h"

/* Binds, devices and shares are mounts. Links, files and folders are made on the root's own tmpfs. */
static int is_mount(const struct root_entry *e)
{
	return e->kind == 'b' || e->kind == 'v' || e->kind == 's';
}

static int add_root_entry(int root, struct root_entry *e)
{
	const char *target = e->target + (e->target[0] == '/');
	if (is_mount(e))
		return add_tree(root, e->tree, target);
	if (make_parents(root, target) < 0)
		return -1;
	if (e->kind == 'l')
		return symlinkat(e->source, root, target);
	if (e->kind == 'f')
		return write_file(root, target, e->source);
	return mkdirat(root, target, 0755);
}

static int clone_entry(const struct root_entry *e, int number)
{
	char served[32];
	snprintf(served, sizeof served, FILES_AT "/%d", number);
	int is_device = e->kind == 'v';
	return clone_tree(slot.serves_files && !is_device ? served : e->source, is_device);
}

/* Runs before the new root is made, because the new root covers the host's /tmp. */
static void clone_entries(void)
{
	for (int i = 0; i < slot.entry_count; i++)
		if (is_mount(&slot.entries[i]) && (slot.entries[i].tree = clone_entry(&slot.entries[i], i)) < 0)
			fail_setup(STAGE_CLONE_ENTRY + i);
}

/*
 * Closes the device here, so that only the file server has it open. If the server dies, reads in the boxes
 * then fail instead of waiting for ever.
 */
static void use_file_server(void)
{
	uid_t uid = slot.uid ? 0 : INNER_ID;
	if (mount_files(slot.files_fd, uid, uid, slot.uid != 0) < 0 || write(slot.mounted_fd, "", 1) != 1)
		fail_setup(STAGE_SERVE_FILES);
	close(slot.files_fd);
	close(slot.mounted_fd);
}

static void add_entries(void)
{
	int root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < slot.entry_count; i++) {
		if (add_root_entry(root, &slot.entries[i]) < 0)
			fail_setup(STAGE_ADD_ENTRY + i);
		if (is_mount(&slot.entries[i]))
			close(slot.entries[i].tree);
	}
	close(root);
}

static void build_root(void)
{
	umask(022);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail_setup(STAGE_PRIVATE);
	if (slot.serves_files)
		use_file_server();
	clone_entries();
	if (mount("gavel", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") < 0)
		fail_setup(STAGE_ROOT);
	if (chdir("/tmp") < 0)
		fail_setup(STAGE_ROOT);
	add_entries();
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		fail_setup(STAGE_PROC);
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		fail_setup(STAGE_PIVOT);
	if (slot.uid && chown("/", slot.uid, slot.uid) < 0) /* the zygote makes mount points there */
		fail_setup(STAGE_PIVOT);
}

int remount_root(int read_only)
{
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | (read_only ? MS_RDONLY : 0), NULL);
}

void map_ids(uid_t uid, gid_t gid)
{
	char line[64];
	write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	snprintf(line, sizeof line, "%d %u 1", INNER_ID, uid);
	if (write_file(AT_FDCWD, "/proc/self/uid_map", line) < 0)
		fail_setup(STAGE_MAP);
	snprintf(line, sizeof line, "%d %u 1", INNER_ID, gid);
	if (write_file(AT_FDCWD, "/proc/self/gid_map", line) < 0)
		fail_setup(STAGE_MAP);
}

static void become_slot_user(void)
{
	if (setgroups(0, NULL) < 0 || setresgid(slot.uid, slot.uid, slot.uid) < 0 || setresuid(slot.uid, slot.uid, slot.uid) < 0)
		fail_setup(STAGE_USER);
	prctl(PR_SET_DUMPABLE, 1); /* otherwise /proc/self/uid_map belongs to root */
}

static void join_cgroups(void)
{
	for (int i = 0; i < slot.cgroup_count; i++)
		if (write(slot.cgroup_fds[i], "0", 1) != 1)
			fail_setup(STAGE_JOIN);
		else
			close(slot.cgroup_fds[i]);
}

void pin_to_cores(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	for (const char *p = slot.cpus; p && *p; p += strcspn(p, ","), p += *p == ',')
		CPU_SET((unsigned)atoi(p), &set);
	if (slot.cpus && sched_setaffinity(0, sizeof set, &set) < 0)
		fail_setup(STAGE_PIN);
}

/* When memory runs out, the kernel kills first the target, then init, then the zygote: init's score is in between. */
static void choose_init_oom_score(void)
{
	char text[16] = { 0 };
	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		fail_setup(STAGE_PROC);
	close(fd);
	slot.init_oom_score = (atoi(text) + MAX_OOM_SCORE) / 2;
}

/* After this, the zygote has capabilities only over its own slot. If there is no slot user, the parent has already
 * entered the user namespace. */
static void enter_namespaces(void)
{
	int separate = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
	if (!slot.uid) {
		if (unshare(separate) < 0)
			fail_setup(STAGE_UNSHARE);
		build_root();
		return;
	}
	if (unshare(CLONE_NEWNS) < 0)
		fail_setup(STAGE_UNSHARE);
	build_root();
	become_slot_user();
	if (unshare(CLONE_NEWUSER | separate) < 0)
		fail_setup(STAGE_UNSHARE);
	map_ids(slot.uid, slot.uid);
}

void set_up_slot(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	join_cgroups();
	pin_to_cores();
	enter_namespaces();
	choose_init_oom_score();
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* again: a change of user clears it */
	prctl(PR_SET_DUMPABLE, 0);
	if (remount_root(1) < 0 || sethostname("box", 3) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail_setup(STAGE_UNSHARE);
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap);
	umask(022);
}
