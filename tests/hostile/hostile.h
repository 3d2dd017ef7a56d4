#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
/* For one of a pair, whose standard output is the other's input. */
static inline int print_result_on_stderr(int escaped)
{
	fputs(escaped ? "ESCAPED\n" : "held\n", stderr);
	return 0;
}
/* How long the sleeper of the futex programs waits. The wakers repeat their calls for about as long. */
#ifndef PATIENCE_MS
#define PATIENCE_MS 2500
#endif
/* Four bytes of libc that are 0: every box whose root has the same file finds the same ones. */
static inline int *shared_word(void)
{
	int *word = (int *)((long)&puts & ~4095L);
	while (*word) word++;
	return word;
}
/* The same in the first page of a file, or of stdin. */
static inline int *word_of(const char *path)
{
	int fd = strcmp(path, "stdin") ? open(path, O_RDONLY) : 0;
	int *word = mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	while (*word) word++;
	return word;
}
/* Every program prints its result by this: the runner fails a program that prints ESCAPED. */
static inline int print_result(int escaped)
{
	puts(escaped ? "ESCAPED" : "held");
	return 0;
}
