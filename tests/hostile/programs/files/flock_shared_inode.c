// @profiles native script python go haskell mono node jvm
#include <sys/file.h>
#include "hostile.h"
int main(void) { return print_result(flock(open("/usr/bin/env", O_RDONLY), LOCK_EX | LOCK_NB) == 0); }
