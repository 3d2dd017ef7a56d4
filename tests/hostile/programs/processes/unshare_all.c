// @profiles all
#include "arena.h"
int main(void) { return told(unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWPID) == 0); }
