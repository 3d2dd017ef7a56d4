/* Adds an offset to the wall clock of one process, and to no other clock. For tests only.
 *
 * GAVEL_CHAOS_CLOCK names a folder. The file of this process in it ("api", "dispatcher", or the name of a worker)
 * holds the offset in nanoseconds, eight bytes in the machine's order. It may change at any time: the file is mapped.
 * Monotonic clocks and the kernel's sleeps do not change. libfaketime is not used, because it changes clock_nanosleep.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
static const volatile int64_t *offset_ns;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static const char *role(void) {
	static char words[4096];
	const char *worker = getenv("GAVEL_WORKER_NAME");
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, words, sizeof words - 1);
	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n; i++)
		if (!words[i])
			words[i] = ' ';
	if (strstr(words, "-m gunicorn"))
		return "api";
	if (strstr(words, "-m judge_api.dispatcher"))
		return "dispatcher";
	return worker && strstr(words, "-m workers") ? worker : NULL;
}

__attribute__((constructor)) static void begin(void) {
	char path[4096];
	const char *folder = getenv("GAVEL_CHAOS_CLOCK"), *name = role();
	real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	if (!folder || !name)
		return;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	void *mapped = mmap(NULL, sizeof *offset_ns, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped != MAP_FAILED)
		offset_ns = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
	if (!real_clock_gettime)
		begin();
	int failed = real_clock_gettime(clock, at);
	if (failed || !offset_ns || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return failed;
	int64_t ns = at->tv_sec * SECOND + at->tv_nsec + *offset_ns;
	at->tv_sec = ns / SECOND;
	at->tv_nsec = ns % SECOND;
	return 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
	struct timespec now;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	at->tv_sec = now.tv_sec;
	at->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *at) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (at)
		*at = now.tv_sec;
	return now.tv_sec;
}
