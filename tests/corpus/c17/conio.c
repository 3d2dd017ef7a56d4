#include <stdio.h>
#include <conio.h>
int main() {
    clrscr();
    printf("Hello, World!");
    getch();
    return 0;
}
