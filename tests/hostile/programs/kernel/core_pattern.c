// Writes the setting that names the program which the host runs after a core dump, and similar settings.
#include "hostile.h"
int main(void)
{
	static const char *knobs[] = { "kernel/core_pattern", "kernel/modprobe", "kernel/hotplug", "vm/overcommit_memory", "fs/binfmt_misc/register" };
	int hit = 0;
	char path[80];
	for (int i = 0; i < 5; i++) snprintf(path, sizeof path, "/proc/sys/%s", knobs[i]), hit |= open(path, O_WRONLY) >= 0;
	return print_result(hit || open("/sys/kernel/uevent_helper", O_WRONLY) >= 0);
}
