// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_add_key, "user", "gavel", "x", 1, -3) >= 0 || syscall(SYS_keyctl, 0, -3, 1) >= 0); }
