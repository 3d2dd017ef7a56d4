// init has the same user as the program, and the kernel lets a user change the limits of its processes. A limit of CPU time
// would kill init, and the run would end as a fault of the sandbox. A program may change only its own limits.
// @profiles all
#include "hostile.h"
int main(void) { struct rlimit r; return print_result(prlimit(1, RLIMIT_CPU, NULL, &r) == 0 && prlimit(1, RLIMIT_CPU, &r, NULL) == 0); }
