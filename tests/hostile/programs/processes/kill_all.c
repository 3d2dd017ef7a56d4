// @ends signalled|exited
#include "arena.h"
int main(void) { kill(-1, SIGKILL); kill(1, SIGKILL); puts("held"); return 0; }
