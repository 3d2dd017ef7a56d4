// statmount and listmount would show what mountinfo shows, and more.
// @profiles all
#include "hostile.h"
int main(void) { char room[512] = { 24 }; return print_result(syscall(457, room, room, sizeof room, 0) >= 0 || syscall(458, room, room, 8, 0) >= 0 || errno != ENOSYS); }
