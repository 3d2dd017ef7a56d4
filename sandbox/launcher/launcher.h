/* The state that the parts of the launcher share, and the functions by which they call each other. */
#ifndef GAVEL_LAUNCHER_H
#define GAVEL_LAUNCHER_H
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "proc_usage.h"
#include "protocol.h"

enum { MAX_CGROUPS = 8, MAX_SHARES = 16, MAX_ROOT_ENTRIES = 96, INNER_ID = 1000, MAX_OOM_SCORE = 1000 };

/*
 * Facts that init and target report to the zygote. The page is shared until execve replaces the target's
 * memory.
 */
struct box_status {
	int32_t stage, error;          /* the step that failed, and its errno, when the box could not be made */
	int32_t wait_status, reaped;   /* the target's wait status, valid once `reaped` is set */
	int64_t started_ns;            /* just before execve */
	int64_t ended_ns;
	int64_t setup_cpu_ns;          /* CPU time of init and of the target before execve: not the program's */
	int64_t reaped_cpu_ns;         /* rusage of everything that init has reaped */
	int64_t max_rss_kb;            /* of the largest process that init has reaped */
};

/* One piece of the box's root. `kind` is the letter of its option, see read_arguments(). */
struct root_entry { char kind; const char *source, *target; int tree; };

/* This process's slot: its command line, and what the zygote keeps between runs. */
struct slot {
	uid_t uid;                     /* the slot's user on the host; 0: keep the caller's */
	int cgroup_fds[MAX_CGROUPS], cgroup_count;   /* cgroup.procs files that the zygote joins */
	int cpu_counter_fd;            /* cpuacct.usage of the slot (v1), else -1 */
	int memory_stat_fd;            /* memory.stat of the slot (v1), else -1 */
	int control_fd;                /* the socket to Python */
	int serves_files;              /* the host's files come through FUSE (file_server.c), not by binds */
	int files_fd, mounted_fd;      /* the FUSE device, and the pipe that reports its mount */
	const char *cpus;
	int share_count;
	struct root_entry entries[MAX_ROOT_ENTRIES];
	int entry_count;
	int init_oom_score;            /* oom_score_adj of a box's init, between the zygote's and the target's */
	int next_cgroup_fd, uses_run_cgroups;        /* the cgroup for the next box (v2); whether any was ever sent */
	uint64_t work_bytes;           /* the size of the next box's tmpfs */
	struct box_status *status;
};
extern struct slot slot;

/* Memory that zygote and init share: mapped before the first box, at the same address in both. */
struct shared {
	struct box_status status;
	union { struct request head; char bytes[MAX_MESSAGE]; } message;
	struct parsed_request request;
	const struct filter *filter;
};
extern struct shared *shared;

/* A box from its creation to its end. `mounts_fd` is its mount namespace and `stdin_mount` the mount of its stdin; both
 * are held open so that the kernel takes the mounts down only after the report is sent. */
struct box { pid_t pid; int pidfd, work, init_socket, cpu_counter_fd, memory_stat_fd, mounts_fd, stdin_mount; };

/* launcher.c: clocks, and reports to Python */
int64_t now_ns(clockid_t clock);
int64_t rusage_ns(const struct rusage *usage);
void send_report(const struct report *report, const int *fds, int count);  /* exits if Python has ended */
void send_failure(uint64_t serial, int stage, int error);
void fail_setup(int stage) __attribute__((noreturn));                      /* reports errno and exits */

/* namespaces.c: the slot's root, user and namespaces, made once */
void map_ids(uid_t uid, gid_t gid);
void pin_to_cores(void);
void set_up_slot(void);
int remount_root(int read_only);

/* box_init.c: pid 1 of a box */
void run_init(int work, int socket) __attribute__((noreturn));
void fail_box(int stage) __attribute__((noreturn));                        /* records errno for the zygote and exits */

/* target.c: the untrusted program, up to its execve */
const struct filter *find_filter(const char *profile);
void exec_target(const struct request *q, const struct parsed_request *parsed, const int *fds) __attribute__((noreturn));
int64_t self_cpu_ns(void);

/* run_monitor.c: the limits of one run */
struct monitor {
	uint64_t serial;
	int init_pidfd, cpu_counter_fd, memory_stat_fd;
	int64_t counter_at_start;
	int64_t sampled_peak_kb;       /* from the cgroup, or from /proc where there is none */
	int64_t sampled_cpu_ns;        /* from /proc, where there is no cgroup */
	int64_t least_cache_kb, most_cache_kb;     /* file cache of the cgroup; -1 when never sampled */
	struct task_delays delays;
	int64_t delay_ns, delays_read_ns;          /* the time waited for a CPU, and when it was last read */
	int kill_reason;
};
int64_t read_cpu_counter(int fd);
int64_t used_cpu_ns(struct monitor *m, const struct request *q);
void accept_next_cgroup(struct received_fds *received);
void monitor_run(struct monitor *m, const struct request *q, int init_socket);

/* zygote.c: one box after another */
void serve_requests(void);
#endif
