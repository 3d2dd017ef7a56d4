// @ends signalled  @signal 8
#include "hostile.h"
int main(void) { raise(SIGFPE); return 0; }
