// @profiles all
#include <linux/capability.h>
#include "hostile.h"
int main(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { { ~0u, ~0u, ~0u }, { ~0u, ~0u, ~0u } };
	return print_result(syscall(SYS_capset, &h, d) == 0);
}
