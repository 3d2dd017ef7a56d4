// Like shm_between_boxes.c, for a longer time: a box must not see a file that the second box made in /dev/shm.
// @beside files/shm_grows_in_the_other.c  @limits wall=2 memory=64
#include "hostile.h"
#include <dirent.h>
int main(void)
{
	int found = 0;
	char name[60];
	snprintf(name, sizeof name, "/dev/shm/%ld", (long)time(0) * 1000 + (long)&found % 997);
	for (int round = 0; round < 50; round++) {
		close(open(name, O_CREAT | O_WRONLY, 0666));
		DIR *d = opendir("/dev/shm");
		for (struct dirent *e; d && (e = readdir(d));) found |= e->d_name[0] != '.' && strcmp(e->d_name, name + 9);
		closedir(d), usleep(10000);
	}
	return print_result_on_stderr(found);
}
