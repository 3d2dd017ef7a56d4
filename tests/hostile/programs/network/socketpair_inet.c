// @profiles all
#include "hostile.h"
int main(void) { int s[2]; return print_result(socketpair(AF_INET, SOCK_STREAM, 0, s) == 0); }
