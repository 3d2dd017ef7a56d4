#define _GNU_SOURCE
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
int main(void) {
    if (!setlocale(LC_ALL, "")) return 3;
    wchar_t w[1000];
    if (!fgetws(w, 1000, stdin)) return 4;
    size_t n = wcslen(w);
    while (n > 0 && (w[n - 1] == L'\n' || w[n - 1] == L'\r')) n--;
    while (n-- > 0) putwchar(w[n]);
    putwchar(L'\n');
    return 0;
}
