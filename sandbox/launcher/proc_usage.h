/* The CPU time and memory of the slot's processes from /proc, for a slot without cgroups. */
#ifndef GAVEL_PROC_USAGE_H
#define GAVEL_PROC_USAGE_H
#include <stdint.h>

/* Add the CPU ticks and resident KiB of every process of this pid namespace but pid 1. With `by_pss` a shared page
 * counts once, divided among the processes that share it: slower, so used only when the plain sum is too high. */
void add_processes(int by_pss, int64_t *ticks, int64_t *kb);
#endif
