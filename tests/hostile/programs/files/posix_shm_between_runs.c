// @twice
#include "arena.h"
int main(void)
{
	int found = shm_open("/gavel", O_RDONLY, 0) >= 0;
	shm_open("/gavel", O_RDWR | O_CREAT, 0600);
	return told(found);
}
