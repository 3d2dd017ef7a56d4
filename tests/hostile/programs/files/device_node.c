// @profiles all
#include <sys/sysmacros.h>
#include "hostile.h"
int main(void) { return print_result(mknod("/w/disk", S_IFBLK | 0600, makedev(254, 0)) == 0); }
