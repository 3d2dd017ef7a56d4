// A whole user's priority includes init's.
// @profiles all
#include "hostile.h"
int main(void) { return print_result(setpriority(PRIO_USER, getuid(), 1) == 0 || setpriority(PRIO_PGRP, 1, 1) == 0); }
