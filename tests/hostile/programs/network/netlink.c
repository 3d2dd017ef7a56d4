// @profiles all
#include "arena.h"
int main(void) { return told(socket(AF_NETLINK, SOCK_RAW, 0) >= 0); }
