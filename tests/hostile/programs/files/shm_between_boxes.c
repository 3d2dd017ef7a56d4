// isolate's boxes shared one /dev/shm (2025). Two boxes run at once. Each makes a file there, and looks for the file of the second box.
// @beside files/shm_between_boxes.c  @limits wall=2
#include "hostile.h"
int main(void)
{
	const char *folders[] = { "/dev/shm", "/tmp", "/var/tmp", "/w", "/dev/mqueue", "/run", "/run/lock", "/run/user/1000" };
	char name[80];
	int others = 0;
	for (int looks = 1; looks >= 0; looks--)
		for (int i = 0; i < 8; i++) {
			snprintf(name, sizeof name, "%s/gavel-left", folders[i]);
			if (looks) others |= access(name, F_OK) == 0;
			else close(open(name, O_CREAT | O_WRONLY, 0666));
		}
	usleep(500000);
	return print_result_on_stderr(others);
}
