// Works and sleeps in short turns for ever, so that it never looks busy.
// @ends wall  @limits cpu=1 wall=0.5
#include "hostile.h"
int main(void) { for (;;) { for (volatile int i = 0; i < 20000; i++); usleep(2000); } }
