#include <stdio.h>
int main(void) {
    void greet(void) { puts("Hello, World!"); }
    greet();
    return 0;
}
