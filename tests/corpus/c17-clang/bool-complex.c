#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#define name(x) _Generic((x), int64_t: "long", default: "other")
struct pair { int64_t a, b; };
int main(void) {
    struct pair p = {.b = 0, .a = 0};
    bool ok = scanf("%" SCNd64 "%" SCNd64, &p.a, &p.b) == 2;
    if (ok && name(p.a)[0] == 'l') printf("%" PRId64 "\n", p.a + p.b);
    return !ok;
}
