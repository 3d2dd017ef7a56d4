// CVE-2017-5226: a program could type into a terminal that it shares with its caller.
// @profiles all
#include "hostile.h"
int main(void) { int hit = 0; for (int f = 0; f < 3; f++) hit |= ioctl(f, TIOCSTI, "x") == 0; int t = open("/dev/tty", O_RDWR); return print_result(hit || t >= 0); }
