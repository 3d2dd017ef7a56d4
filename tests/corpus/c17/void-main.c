#include <stdio.h>
void main() {
    printf("Hello, World!\n");
}
