// @profiles all
#include "hostile.h"
int main(void) { return print_result(fcntl(open("/usr/bin", O_RDONLY), F_NOTIFY, DN_ACCESS) == 0); }
