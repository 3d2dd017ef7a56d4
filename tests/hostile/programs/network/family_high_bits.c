// The kernel takes the family as an int: the high half must not hide it.
// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_socket, 0x100000000UL | AF_INET, SOCK_STREAM, 0) >= 0); }
