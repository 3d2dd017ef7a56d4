// A child uses the memory and ends before its parent does. The memory must still count.
// @limits memory=512 cpu=5 wall=20 @memory 200
#include "hostile.h"
int main(void)
{
	size_t size = 200u << 20;
	pid_t child = fork();
	if (child == 0) {
		char *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (size_t i = 0; i < size; i += 4096) p[i] = 1;
		_exit(0);
	}
	waitpid(child, 0, 0);
	return print_result(0);
}
