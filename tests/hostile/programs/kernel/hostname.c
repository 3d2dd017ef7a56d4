// @profiles all
#include "hostile.h"
int main(void) { return print_result(sethostname("mine", 4) == 0 || setdomainname("mine", 4) == 0); }
