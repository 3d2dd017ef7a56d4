// @profiles all
#include "arena.h"
int main(void) { return told(unshare(CLONE_NEWUSER) == 0); }
