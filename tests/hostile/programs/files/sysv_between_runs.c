// @twice  @profiles all
#include <sys/ipc.h>
#include <sys/shm.h>
#include "hostile.h"
int main(void)
{
	int found = shmget(0x47415645, 4096, 0600) >= 0;
	shmget(0x47415645, 4096, IPC_CREAT | 0600);
	return print_result(found);
}
