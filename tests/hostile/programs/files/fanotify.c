// @profiles all
#include "arena.h"
int main(void) { return told(syscall(SYS_fanotify_init, 0, 0) >= 0); }
