// @profiles all
#include <sys/uio.h>
#include "hostile.h"
int main(void) { char c = 0; struct iovec a = { &c, 1 }, b = { &c, 1 }; return print_result(process_vm_writev(getpid(), &a, 1, &b, 1, 0) == 1); }
