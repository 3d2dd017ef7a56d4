// @ends cpu  @limits cpu=0.15 wall=2
#include "hostile.h"
int main(void) { struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY }; setrlimit(RLIMIT_CPU, &r); for (;;); }
