// @profiles all
#include <sys/uio.h>
#include "arena.h"
int main(void) { char c = 0; struct iovec a = { &c, 1 }, b = { &c, 1 }; return told(process_vm_writev(getpid(), &a, 1, &b, 1, 0) == 1); }
