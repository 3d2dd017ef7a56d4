// The parent is the box's init, which no signal from the box stops. The program ends normally.
// @says held  @exit 0
#include "hostile.h"
int main(void)
{
	for (int i = 0; i < 200; i++) kill(getppid(), SIGSTOP), kill(getppid(), SIGTSTP), kill(1, SIGSTOP), kill(1, SIGCONT);
	return print_result(0);
}
