// @profiles all
#include "arena.h"
int main(void) { return told(syscall(440, -1, 0, 0, 0, 0) >= 0 || errno != ENOSYS || syscall(448, -1, 0) >= 0 || errno != ENOSYS); }
