// @profiles all
#include "arena.h"
int main(void) { return told(sethostname("mine", 4) == 0 || setdomainname("mine", 4) == 0); }
