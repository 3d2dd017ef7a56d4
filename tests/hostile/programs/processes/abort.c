// @ends signalled  @signal 6
#include "hostile.h"
int main(void) { abort(); }
