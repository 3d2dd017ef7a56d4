// Makes the calls 460 to 999, most of which no kernel has yet. All must fail as unknown.
// @profiles all
#include "hostile.h"
int main(void) { int hit = 0; for (int n = 460; n < 1000; n++) if (syscall(n, 0, 0, 0, 0, 0, 0) != -1 || errno != ENOSYS) hit = n; return print_result(hit); }
