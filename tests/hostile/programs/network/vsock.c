// @profiles all
#include "hostile.h"
int main(void) { return print_result(socket(AF_VSOCK, SOCK_STREAM, 0) >= 0 || open("/dev/vsock", O_RDONLY) >= 0); }
