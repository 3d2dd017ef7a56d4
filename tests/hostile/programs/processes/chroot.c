// @profiles all
#include "arena.h"
int main(void) { return told(chroot("/w") == 0); }
