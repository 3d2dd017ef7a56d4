// @twice  @profiles all
#include <mqueue.h>
#include "hostile.h"
int main(void)
{
	mqd_t before = mq_open("/gavel", O_RDONLY);
	mq_open("/gavel", O_RDWR | O_CREAT, 0600, NULL);
	return print_result(before != (mqd_t)-1);
}
