// The kernel reads the family as an int, so the upper 32 bits must not hide it from the filter.
// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_socket, 0x100000000UL | AF_INET, SOCK_STREAM, 0) >= 0); }
