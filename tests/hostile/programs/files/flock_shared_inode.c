// @profiles native script python go haskell mono node jvm
#include <sys/file.h>
#include "arena.h"
int main(void) { return told(flock(open("/usr/bin/env", O_RDONLY), LOCK_EX | LOCK_NB) == 0); }
