// The kernel would start a program of the host to find a key.
// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_request_key, "user", "gavel", "x", -3) >= 0 || errno != ENOSYS); }
