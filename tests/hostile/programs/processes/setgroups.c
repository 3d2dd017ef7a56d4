// @profiles all
#include <grp.h>
#include "hostile.h"
int main(void) { gid_t g = 0; return print_result(setgroups(1, &g) == 0 || setgid(0) == 0); }
