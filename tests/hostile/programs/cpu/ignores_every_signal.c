// @ends cpu  @limits cpu=0.15 wall=2
#include "hostile.h"
int main(void) { for (int i = 1; i < 65; i++) signal(i, SIG_IGN); for (;;); }
