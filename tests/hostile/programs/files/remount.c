// @profiles all
#include "arena.h"
int main(void) { return told(mount(0, "/usr", 0, MS_REMOUNT | MS_BIND, 0) == 0); }
