// @profiles all
#include "hostile.h"
int main(void) { return print_result(fcntl(open("/usr/bin/env", O_RDONLY), F_SETLEASE, F_RDLCK) == 0); }
