// @ends signalled  @signal 9  @limits memory=64
#include "hostile.h"
int main(void) { kill(getpid(), SIGKILL); return 0; }
