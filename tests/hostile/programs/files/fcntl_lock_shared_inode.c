// @profiles native script python go haskell mono node jvm
#include "hostile.h"
int main(void) { struct flock l = { .l_type = F_RDLCK }; return print_result(fcntl(open("/usr/bin/env", O_RDONLY), F_SETLK, &l) == 0); }
