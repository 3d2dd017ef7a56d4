// @ends signalled  @signal 6
#include "arena.h"
int main(void) { abort(); }
