// The kernel copies arguments and environment before the new program has any memory of its own.
// @ends exited|memory|signalled  @limits memory=32 wall=3 cpu=2
#include "hostile.h"
int main(int argc, char **argv)
{
	static char *words[2000], text[100000];
	if (argc > 1) return print_result(argc > 1500);
	memset(text, 'x', sizeof text - 1);
	for (int i = 0; i < 1999; i++) words[i] = text;
	execv("/proc/self/exe", words);
	return print_result(0);
}
