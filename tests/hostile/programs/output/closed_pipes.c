// @ends exited  @limits wall=1
#include "hostile.h"
int main(void) { close(0); close(1); close(2); return 0; }
