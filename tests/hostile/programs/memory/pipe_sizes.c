// A program could enlarge each pipe to a megabyte. The box refuses it.
// @profiles all
#include "hostile.h"
int main(void) { int p[2]; pipe(p); return print_result(fcntl(p[1], F_SETPIPE_SZ, 1 << 20) > 0); }
