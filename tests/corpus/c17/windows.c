#define _CRT_SECURE_NO_WARNINGS
#pragma warning(disable: 4996)
#pragma once
#include <stdio.h>

#define ADD(x, y) \
    ((x) + (y))

int main()
{
    int a, b;
    scanf("%d %d", &a, &b);
    printf("%d\n", ADD(a, b));
    return 0;
}
