// @profiles all
#include "hostile.h"
int main(void) { return print_result(socket(AF_NETLINK, SOCK_RAW, 0) >= 0); }
