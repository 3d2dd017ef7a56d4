// A pipe's room can be raised to a megabyte each; here it cannot.
// @profiles all
#include "hostile.h"
int main(void) { int p[2]; pipe(p); return print_result(fcntl(p[1], F_SETPIPE_SZ, 1 << 20) > 0); }
