// @ends signalled  @signal 11
#include "hostile.h"
int main(void) { volatile int *p = 0; *p = 1; return 0; }
