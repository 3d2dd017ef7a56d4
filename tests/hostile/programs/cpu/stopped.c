// @ends wall  @limits cpu=1 wall=0.3
#include "hostile.h"
int main(void) { raise(SIGSTOP); return 0; }
