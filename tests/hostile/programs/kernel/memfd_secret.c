// @profiles all
#include "arena.h"
int main(void) { return told(syscall(447, 0) >= 0); }
