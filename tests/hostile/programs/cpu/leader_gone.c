// The first thread has ended, so the process looks dead, but a second thread uses CPU time.
// @ends cpu  @limits cpu=0.2 wall=3
#include "hostile.h"
static void *burn(void *a) { for (;;) ; return a; }
int main(void) { pthread_t t; pthread_create(&t, NULL, burn, NULL); pthread_exit(NULL); }
