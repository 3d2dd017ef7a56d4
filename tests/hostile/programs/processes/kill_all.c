// @ends signalled|exited
#include "hostile.h"
int main(void) { kill(-1, SIGKILL); kill(1, SIGKILL); puts("held"); return 0; }
