// @profiles all
#include "hostile.h"
int main(void) { return print_result(unshare(CLONE_NEWUSER) == 0); }
