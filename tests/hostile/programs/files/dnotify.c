// @profiles all
#include "arena.h"
int main(void) { return told(fcntl(open("/usr/bin", O_RDONLY), F_NOTIFY, DN_ACCESS) == 0); }
