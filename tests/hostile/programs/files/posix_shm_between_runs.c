// @twice
#include "hostile.h"
int main(void)
{
	int found = shm_open("/gavel", O_RDONLY, 0) >= 0;
	shm_open("/gavel", O_RDWR | O_CREAT, 0600);
	return print_result(found);
}
