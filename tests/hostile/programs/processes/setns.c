// @profiles all
#include "hostile.h"
int main(void) { return print_result(setns(open("/proc/1/ns/mnt", O_RDONLY), 0) == 0 || setns(open("/proc/self/ns/net", O_RDONLY), 0) == 0); }
