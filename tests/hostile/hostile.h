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
/* For a program of a pair: its standard output goes to the second program, so it prints the result on stderr. */
static inline int print_result_on_stderr(int escaped)
{
	fputs(escaped ? "ESCAPED\n" : "held\n", stderr);
	return 0;
}
/* How long the sleeper of the futex programs waits. The wakers repeat their calls for about as long. */
#ifndef PATIENCE_MS
#define PATIENCE_MS 2500
#endif
/* Finds four bytes of libc that are 0. Boxes with the same libc file find the same bytes. */
static inline int *shared_word(void)
{
	int *word = (int *)((long)&puts & ~4095L);
	while (*word) word++;
	return word;
}
/* Finds four bytes that are 0 in the first page of a file, or of stdin. */
static inline int *word_of(const char *path)
{
	int fd = strcmp(path, "stdin") ? open(path, O_RDONLY) : 0;
	int *word = mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	while (*word) word++;
	return word;
}
/* Prints the result of a program. The runner reports a program that prints ESCAPED. */
static inline int print_result(int escaped)
{
	puts(escaped ? "ESCAPED" : "held");
	return 0;
}
