// @profiles all
#include "hostile.h"
int main(void)
{
	struct { struct file_handle h; char room[128]; } f = { { 128, 0 } };
	int mount_id;
	int named = name_to_handle_at(AT_FDCWD, "/usr", &f.h, &mount_id, 0) == 0;
	return print_result(named && open_by_handle_at(AT_FDCWD, &f.h, O_RDONLY) >= 0);
}
