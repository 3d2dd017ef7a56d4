// @ends cpu  @limits cpu=0.3 wall=6
#include "hostile.h"
static void on(int s) { (void)s; }
int main(void) { signal(SIGXCPU, on); for (;;); }
