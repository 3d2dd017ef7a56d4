// @profiles all
#include "arena.h"
int main(void) { return told(mlockall(MCL_CURRENT | MCL_FUTURE) == 0); }
