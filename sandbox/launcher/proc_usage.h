/* Usage of the slot's processes from /proc: CPU time and memory for a slot without cgroups, and waits for a CPU. */
#ifndef GAVEL_PROC_USAGE_H
#define GAVEL_PROC_USAGE_H
#include <stdint.h>

/* Add the CPU ticks and resident KiB of every process of this pid namespace except pid 1. With `by_pss`, a shared page
 * counts once, divided among the processes that share it. This is slower. It is used only if the plain sum is too
 * high. */
void add_processes(int by_pss, int64_t *ticks, int64_t *kb);

/* A thread, and for how long it has been ready to run without a CPU. */
struct task_delay { int tid; int64_t ns; };

enum { MAX_WATCHED_TASKS = 512 };
struct task_delays { struct task_delay tasks[MAX_WATCHED_TASKS]; int count; };

/* The longest time that a thread of the slot has waited for a CPU since the last call with the same `known`. */
int64_t longest_new_delay(struct task_delays *known);
#endif
