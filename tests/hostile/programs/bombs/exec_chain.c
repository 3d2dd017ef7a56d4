// @ends cpu|wall  @limits cpu=0.3 wall=0.5
#include "hostile.h"
int main(int c, char **v) { (void)c; execv("/proc/self/exe", v); return 1; }
