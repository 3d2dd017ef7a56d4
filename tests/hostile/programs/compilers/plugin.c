// A pragma, and a directive that would read a file of the host. The compilation must fail.
// @compile-fails  @never ESCAPED
#pragma GCC poison printf
__asm__(".incbin \"/etc/shadow\"");
int main(void) { return 0; }
