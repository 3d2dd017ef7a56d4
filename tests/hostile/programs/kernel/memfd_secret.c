// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(447, 0) >= 0); }
