// Frees its memory and reads the same amount from files. The kernel charges both to the same cgroup.
// @limits memory=512 cpu=5 wall=20 @memory 200
#include "hostile.h"
#include <dirent.h>
static char block[1 << 20];
int main(void)
{
	size_t size = 200u << 20;
	char *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < size; i += 4096) p[i] = 1;
	munmap(p, size);
	const char *folders[] = { "/usr/bin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/jvm/java-17-openjdk-amd64/lib" };
	long total = 0;
	for (int i = 0; i < 3 && total < 250 << 20; i++) {
		DIR *d = opendir(folders[i]);
		for (struct dirent *e; d && total < 250 << 20 && (e = readdir(d));) {
			int fd = openat(dirfd(d), e->d_name, O_RDONLY);
			posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
			for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;) total += n;
			close(fd);
		}
	}
	return print_result(0);
}
