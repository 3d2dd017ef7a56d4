#include "Adder.h"
int Adder::add(int a, int b) const { return a + b; }
