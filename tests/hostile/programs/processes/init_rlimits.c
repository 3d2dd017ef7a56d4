// init has the target's user, and the kernel lets one user limit its own: a limit of CPU time would kill init, and the run
// would end as a fault of ours. Only its own limits are a program's to change.
// @profiles all
#include "hostile.h"
int main(void) { struct rlimit r; return print_result(prlimit(1, RLIMIT_CPU, NULL, &r) == 0 && prlimit(1, RLIMIT_CPU, &r, NULL) == 0); }
