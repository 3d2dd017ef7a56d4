// Opens sockets of every kind in every family except AF_UNIX: AF_ALG, AF_PACKET, AF_XDP, AF_QIPCRTR ...
// @profiles all
#include "hostile.h"
int main(void)
{
	int hit = 0;
	for (int f = 0; f < 64; f++) for (int t = 1; t <= 6; t++) if (f != AF_UNIX && socket(f, t, 0) >= 0) hit = f;
	if (hit) printf("%d ", hit);
	return print_result(hit);
}
