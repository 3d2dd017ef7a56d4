// @profiles all
#include "hostile.h"
int main(void) { return print_result(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 || prctl(PR_SET_SECCOMP, 0) == 0); }
