// @says held
#include "arena.h"
int main(void) { kill(1, SIGSTOP); kill(1, SIGTERM); kill(getppid(), SIGSTOP); return told(0); }
