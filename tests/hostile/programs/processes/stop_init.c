// @says held
#include "hostile.h"
int main(void) { kill(1, SIGSTOP); kill(1, SIGTERM); kill(getppid(), SIGSTOP); return print_result(0); }
