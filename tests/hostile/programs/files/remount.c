// @profiles all
#include "hostile.h"
int main(void) { return print_result(mount(0, "/usr", 0, MS_REMOUNT | MS_BIND, 0) == 0); }
