// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_personality, 0x0040000) >= 0); }
