// @profiles all
#include "hostile.h"
int main(void) { return print_result(chroot("/w") == 0); }
