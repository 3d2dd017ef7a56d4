// @ends cpu  @limits cpu=0.2 wall=2 processes=16  @cpu 200
#include "hostile.h"
static void *burn(void *p) { for (;;); return p; }
int main(void) { pthread_t t; for (int i = 0; i < 6; i++) pthread_create(&t, 0, burn, 0); pause(); }
