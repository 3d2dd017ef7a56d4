// Huge pages come from a pool of the host, which no memory cgroup counts. They are refused even if the pool is empty.
// @profiles all
#include "hostile.h"
int main(void)
{
	void *at = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	int mapped = at != MAP_FAILED || errno != EPERM;
	long file = syscall(SYS_memfd_create, "pages", 4u /* MFD_HUGETLB */);
	return print_result(mapped || file >= 0 || (errno != EPERM && errno != ENOSYS));
}
