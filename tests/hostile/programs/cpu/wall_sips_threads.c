// Like wall_sips.c, with threads that wake together and so wait for the same core.
// @ends wall|cpu  @limits cpu=1 wall=0.5 delay=2
#include "hostile.h"
static void *sip(void *p) { for (;;) { for (volatile int i = 0; i < 2000000; i++); usleep(75000); } return p; }
int main(void) { pthread_t t; for (int i = 0; i < 8; i++) pthread_create(&t, 0, sip, 0); sip(0); }
