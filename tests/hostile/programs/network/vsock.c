// @profiles all
#include "arena.h"
int main(void) { return told(socket(AF_VSOCK, SOCK_STREAM, 0) >= 0 || open("/dev/vsock", O_RDONLY) >= 0); }
