// @profiles all
#include "hostile.h"
int main(void) { int hit = 0; for (int n = 459; n <= 461; n++) hit |= syscall(n, 0, 0, 0, 0) != -1 || errno != ENOSYS; return print_result(hit); }
