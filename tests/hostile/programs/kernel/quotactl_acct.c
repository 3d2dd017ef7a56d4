// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_quotactl, 0, 0, 0, 0) == 0 || syscall(SYS_acct, "/w/x") == 0 || syscall(SYS_syslog, 10, 0, 0) >= 0); }
