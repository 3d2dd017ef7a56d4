// @profiles all
#include "hostile.h"
int main(void) { return print_result(unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWPID) == 0); }
