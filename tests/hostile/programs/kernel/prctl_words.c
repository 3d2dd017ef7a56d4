// Asks prctl to set the memory map, the tracer, the securebits, core scheduling, dispatch of calls and the adoption of children. All are refused.
// @profiles all
#include "hostile.h"
int main(void)
{
	static const int words[] = { 35, 0x59616d61, 22, 24, 28, 36, 57, 59, 62, 47, 63, 65, 70 };
	int hit = 0;
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) if (prctl(words[i], 1, 0, 0, 0) != -1 || errno != EPERM) hit = words[i];
	if (hit) printf("%d ", hit);
	return print_result(hit);
}
