// @profiles all
#include "arena.h"
int main(void) { return told(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 || prctl(PR_SET_SECCOMP, 0) == 0); }
