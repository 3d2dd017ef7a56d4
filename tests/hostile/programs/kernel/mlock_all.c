// @profiles all
#include "hostile.h"
int main(void) { return print_result(mlockall(MCL_CURRENT | MCL_FUTURE) == 0); }
