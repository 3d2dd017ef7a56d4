/* Watches one run: kills its box when a limit is exceeded or Python asks for it, and waits until the box is dead. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"
#include "proc_usage.h"

enum { LONGEST_POLL_NS = 20000000, SHORTEST_POLL_NS = 1000000, DELAY_READ_NS = 100000000, MAX_STAT = 8192 };

/* cpu.stat (v2) begins with "usage_usec" and microseconds; cpuacct.usage (v1) has only a number of nanoseconds. */
int64_t read_cpu_counter(int fd)
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

/* The number of a "name value" line in bytes, as KiB; 0 when there is none. `text` begins with a newline. */
static int64_t stat_kb(const char *text, const char *name)
{
	const char *line = strstr(text, name);
	return line ? strtoll(line + strlen(name), NULL, 10) / 1024 : 0;
}

/*
 * Called during the run. A program may free its memory and read files before it ends, which would hide its
 * peak.
 */
static void sample_cgroup_memory(struct monitor *m)
{
	char text[MAX_STAT] = "\n";
	ssize_t n = pread(m->memory_stat_fd, text + 1, sizeof text - 2, 0);
	if (n <= 0)
		return;
	text[n + 1] = 0;
	int v2 = !strncmp(text, "\nanon ", 6);
	int64_t shared_kb = stat_kb(text, "\nshmem ");
	int64_t own_kb = stat_kb(text, v2 ? "\nanon " : "\nrss ") + shared_kb;
	int64_t cache_kb = stat_kb(text, v2 ? "\nfile " : "\ncache ") - shared_kb;
	if (own_kb > m->sampled_peak_kb)
		m->sampled_peak_kb = own_kb;
	if (cache_kb > m->most_cache_kb)
		m->most_cache_kb = cache_kb;
	if (m->least_cache_kb < 0 || cache_kb < m->least_cache_kb)
		m->least_cache_kb = cache_kb;
}

/* The plain sum counts a shared page once for each fork. If it is above the limit, memory is counted again by PSS. */
static void sample_processes(struct monitor *m, uint64_t limit_bytes)
{
	int64_t ticks = 0, kb = 0, ignored = 0;
	add_processes(0, &ticks, &kb);
	if ((uint64_t)kb * 1024 > limit_bytes)
		kb = 0, add_processes(1, &ignored, &kb);
	int64_t ns = ticks * (1000000000 / sysconf(_SC_CLK_TCK));
	if (ns > m->sampled_cpu_ns)
		m->sampled_cpu_ns = ns;
	if (kb > m->sampled_peak_kb)
		m->sampled_peak_kb = kb;
}

int64_t used_cpu_ns(struct monitor *m, const struct request *q)
{
	if (m->cpu_counter_fd >= 0)
		return read_cpu_counter(m->cpu_counter_fd) - m->counter_at_start;
	sample_processes(m, q->sampled_memory_bytes);
	int64_t reaped = slot.status->reaped_cpu_ns;
	return m->sampled_cpu_ns > reaped ? m->sampled_cpu_ns : reaped;
}

/* If the box is killed twice, the first reason counts. */
static void kill_box(struct monitor *m, int reason)
{
	if (!m->kill_reason)
		m->kill_reason = reason;
	syscall(SYS_pidfd_send_signal, m->init_pidfd, SIGKILL, NULL, 0);
}

/*
 * On a busy host, a program that computes may be far from its CPU limit when its wall time is over. So up to `delay_ns` of
 * waiting for a CPU do not count. This waiting is measured, since otherwise a program that sleeps between short
 * computations would count as waiting. When a thread ends, its wait since the last reading is lost.
 */
static void read_delays(struct monitor *m, int64_t start, int64_t now)
{
	int64_t since = m->delays_read_ns ? m->delays_read_ns : start;
	int64_t delay = longest_new_delay(&m->delays);
	m->delay_ns += delay < now - since ? delay : now - since;
	m->delays_read_ns = now;
}

static int64_t wall_left_ns(struct monitor *m, const struct request *q, int64_t start)
{
	int64_t now = now_ns(CLOCK_MONOTONIC), most = (int64_t)q->delay_ns;
	int64_t left = (int64_t)q->wall_ns - (now - start), since = m->delays_read_ns ? m->delays_read_ns : start;
	int due = now - since > (left + m->delay_ns > 0 ? DELAY_READ_NS : 0);
	if (due && m->delay_ns < most)
		read_delays(m, start, now);
	return left + (m->delay_ns < most ? m->delay_ns : most);
}

/*
 * Kill the box if a limit is exceeded. Returns how long to sleep before the next check. No limit counts before the
 * target starts: until then only the launcher's own code runs, and on a busy host it may take long to prepare a box.
 * If this preparation never ends, Python ends the slot.
 */
static int64_t check_limits(struct monitor *m, const struct request *q)
{
	int64_t start = slot.status->started_ns;
	int64_t wall_left = start ? wall_left_ns(m, q, start) : (int64_t)q->wall_ns;
	int64_t cpu_left = (int64_t)q->cpu_ns - (start ? used_cpu_ns(m, q) - slot.status->setup_cpu_ns : 0);
	if (start && cpu_left <= 0)
		kill_box(m, KILL_CPU);
	else if (start && wall_left <= 0)
		kill_box(m, KILL_WALL);
	else if (start && q->sampled_memory_bytes && (uint64_t)m->sampled_peak_kb * 1024 > q->sampled_memory_bytes)
		kill_box(m, KILL_MEMORY);
	int64_t pause = cpu_left / (q->cores ? (int64_t)q->cores : 1);
	if (pause > wall_left)
		pause = wall_left;
	if (pause > LONGEST_POLL_NS)
		pause = LONGEST_POLL_NS;
	return pause < SHORTEST_POLL_NS ? SHORTEST_POLL_NS : pause;
}

void accept_next_cgroup(struct received_fds *received)
{
	close(slot.next_cgroup_fd);
	slot.next_cgroup_fd = received->count == 1 ? received->fd[0] : -1;
	received->count -= slot.next_cgroup_fd >= 0;
	close_received(received);
}

/* A message from Python during a run: a KILL of this run, or the next box's cgroup. On EOF, Python has ended. */
static void handle_message(struct monitor *m)
{
	struct request message;
	struct received_fds received;
	ssize_t n = receive_message(slot.control_fd, &message, sizeof message, MSG_DONTWAIT, &received);
	if (n == 0)
		_exit(0);
	if (n == (ssize_t)sizeof message && message.kind == REQUEST_KILL && message.serial == m->serial)
		kill_box(m, KILL_CALLER);
	if (n == (ssize_t)sizeof message && message.kind == REQUEST_CGROUP)
		accept_next_cgroup(&received);
	else
		close_received(&received);
}

/* Returns when init and so the whole box is dead, or when init reports that it is alone in the box. */
void monitor_run(struct monitor *m, const struct request *q, int init_socket)
{
	struct pollfd p[3] = { { .fd = m->init_pidfd, .events = POLLIN }, { .fd = init_socket, .events = POLLIN },
			       { .fd = slot.control_fd, .events = POLLIN } };
	while (!(p[0].revents & POLLIN) && !(p[1].revents & POLLIN && slot.status->reaped)) {
		int64_t pause = check_limits(m, q);
		struct timespec t = { pause / 1000000000, pause % 1000000000 };
		int ready = ppoll(p, 3, &t, NULL);
		if (ready < 0 && errno != EINTR)
			_exit(1);
		if (ready == 0 && m->memory_stat_fd >= 0)
			sample_cgroup_memory(m);
		if (p[2].revents & (POLLIN | POLLHUP))
			handle_message(m);
		if (p[1].revents & POLLHUP) /* init is dying: wait for its pidfd */
			p[1].fd = -1;
	}
}
