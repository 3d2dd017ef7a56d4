// @ends cpu|wall  @limits cpu=0.2 wall=0.5
#include "hostile.h"
int main(void) { for (;;) fputs("0123456789", stderr); }
