// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(440, -1, 0, 0, 0, 0) >= 0 || errno != ENOSYS || syscall(448, -1, 0) >= 0 || errno != ENOSYS); }
