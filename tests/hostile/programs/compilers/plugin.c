// Pragmas and directives that would run or read something: none may.
// @compile-fails  @never ESCAPED
#pragma GCC poison printf
__asm__(".incbin \"/etc/shadow\"");
int main(void) { return 0; }
