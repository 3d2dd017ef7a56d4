// @ends wall|cpu|memory  @limits wall=0.4 processes=12
#include "hostile.h"
int main(void) { for (;;) fork(); }
