// @profiles all
#include "arena.h"
int main(void) { return told(syscall(SYS_personality, 0x0040000) >= 0); }
