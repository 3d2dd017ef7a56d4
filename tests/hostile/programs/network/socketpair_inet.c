// @profiles all
#include "arena.h"
int main(void) { int s[2]; return told(socketpair(AF_INET, SOCK_STREAM, 0, s) == 0); }
