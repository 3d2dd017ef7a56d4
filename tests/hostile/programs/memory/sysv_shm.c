// @ends memory|exited|signalled  @without exited|signalled|memory  @limits memory=32 wall=2  @never FILLED
#include <sys/ipc.h>
#include <sys/shm.h>
#include "hostile.h"
int main(void)
{
	int n = 0;
	for (; n < 20; n++) {
		int id = shmget(IPC_PRIVATE, 8 << 20, IPC_CREAT | 0600);
		char *p = id < 0 ? (char *)-1 : shmat(id, 0, 0);
		if (p == (char *)-1) break;
		memset(p, 1, 8 << 20);
		usleep(3000);
	}
	puts(n >= 20 ? "FILLED" : "few");
	return 0;
}
