// @profiles all
#include <sys/io.h>
#include "arena.h"
int main(void) { return told(iopl(3) == 0 || ioperm(0, 1, 1) == 0); }
