// Reads all that the kernel put above the stack. No word of the worker's environment may be in it.
#include "hostile.h"
extern char **environ;
int main(void)
{
	static const char *words[] = { "GAVEL", "REDIS", "TOKEN", "PASSWORD", "SECRET", "AWS_" };
	int hit = 0;
	for (char **e = environ; *e; e++) for (int i = 0; i < 6; i++) hit |= strstr(*e, words[i]) != NULL;
	char all[65536] = { 0 };
	int n = read(open("/proc/self/environ", O_RDONLY), all, sizeof all - 1);
	for (int i = 0; i < 6; i++) hit |= n > 0 && memmem(all, n, words[i], strlen(words[i])) != NULL;
	return print_result(hit);
}
