// A descriptor of init's, taken out of it.
// @profiles all
#include "arena.h"
int main(void) { long p = syscall(434, 1, 0); return told(p >= 0 || syscall(438, p, 0, 0) >= 0 || errno != ENOSYS); }
