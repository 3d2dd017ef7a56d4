// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_kexec_load, 0, 0, 0, 0) == 0 || syscall(SYS_init_module, "", 0, "") == 0 || syscall(SYS_delete_module, "x", 0) == 0); }
