// Calls that no program has needed for years, and that had faults: uselib, modify_ldt, remap_file_pages, page migration ...
// @profiles all
#include "hostile.h"
int main(void)
{
	static const int calls[] = { SYS_uselib, SYS_ustat, SYS_sysfs, SYS_modify_ldt, SYS_vhangup, SYS_create_module, SYS_get_kernel_syms, SYS_query_module,
		SYS_nfsservctl, SYS_set_thread_area, SYS_remap_file_pages, SYS_vserver, SYS_mbind, SYS_set_mempolicy, SYS_migrate_pages, SYS_move_pages,
		SYS_io_setup, SYS_lookup_dcookie, SYS_ioprio_set, SYS_tuxcall, SYS_security, SYS_getpmsg };
	int hit = 0;
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) if (syscall(calls[i], 0, 0, 0, 0, 0, 0) != -1 || errno != ENOSYS) hit = calls[i];
	if (hit) printf("%d ", hit);
	return print_result(hit);
}
