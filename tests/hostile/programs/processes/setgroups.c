// @profiles all
#include <grp.h>
#include "arena.h"
int main(void) { gid_t g = 0; return told(setgroups(1, &g) == 0 || setgid(0) == 0); }
