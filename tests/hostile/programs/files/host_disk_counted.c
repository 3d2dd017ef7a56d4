// The free blocks and files of the host's disk would show what other boxes and the server write.
// @profiles all
#include "hostile.h"
#include <sys/vfs.h>
int main(void)
{
	struct statfs s;
	return print_result(statfs("/usr", &s) == 0 || statfs("/w", &s) == 0 || fstatfs(open("/usr", O_RDONLY), &s) == 0);
}
