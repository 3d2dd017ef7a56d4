// @profiles all
#include <sys/io.h>
#include "hostile.h"
int main(void) { return print_result(iopl(3) == 0 || ioperm(0, 1, 1) == 0); }
