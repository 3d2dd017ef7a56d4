// @ends cpu|wall|signalled  @limits cpu=0.2 wall=1
#include "hostile.h"
static void on(int s) { (void)s; }
int main(void) { signal(SIGUSR1, on); for (;;) kill(getpid(), SIGUSR1); }
