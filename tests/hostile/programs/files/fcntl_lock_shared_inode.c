// @profiles native script python go haskell mono node jvm
#include "arena.h"
int main(void) { struct flock l = { .l_type = F_RDLCK }; return told(fcntl(open("/usr/bin/env", O_RDONLY), F_SETLK, &l) == 0); }
