// @profiles all
#include "arena.h"
int main(void) { return told(fcntl(open("/usr/bin/env", O_RDONLY), F_SETLEASE, F_RDLCK) == 0); }
