// Setting the priority of a user or a process group would also change the priority of init.
// @profiles all
#include "hostile.h"
int main(void) { return print_result(setpriority(PRIO_USER, getuid(), 1) == 0 || setpriority(PRIO_PGRP, 1, 1) == 0); }
