// @ends output  @limits output=10000
#include "hostile.h"
int main(void) { for (;;) puts("0123456789"); }
