"""The file server's record of stored pages is right if the kernel forgets a file and looks it up again.

The kernel sends FORGET separately from its other requests, so it can come after the name was looked up again.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from sandbox.launcher.build import FLAGS, HERE, find_compiler

HARNESS = """
#include "stored_pages.c"
#include "missing_names.c"
#include "file_server.c"
#include <sys/mman.h>

struct slot slot;

static void show(const struct node *node)
{
	uint64_t bytes = node ? node->pages.bytes : 0;
	printf("%llu of %llu\\n", (unsigned long long)bytes, (unsigned long long)kinds[0].bytes);
}

int main(void)
{
	int fd = memfd_create("file", 0);
	if (ftruncate(fd, 1 << 20) < 0 || (device_fd = open("/dev/null", O_WRONLY)) < 0)
		return 1;
	struct node *node = add_node(&top, "name", -1);
	uint64_t id = (uint64_t)(uintptr_t)node;
	node->lookups = 2;                /* by the inode that the kernel has dropped, and by the new one */
	store_pages(&node->pages, device_fd, fd, 1 << 20);
	forget(id, 1);                    /* of the old inode */
	show(node);
	store_pages(&node->pages, device_fd, fd, 1 << 20);
	show(node);
	forget(id, 1);
	show(NULL);
	return 0;
}
"""


def test_cached_pages_of_a_file_count_until_the_kernel_has_forgotten_all_its_inodes(tmp_path: Path) -> None:
    """Otherwise the kernel would keep pages that do not count in the slot's limit."""
    compiler = find_compiler()
    assert compiler is not None
    source, binary = tmp_path / "harness.c", tmp_path / "harness"
    source.write_text(HARNESS)
    words = [compiler, *FLAGS, "-Wno-unused-function", "-fsanitize=undefined", f"-I{HERE}", str(source)]
    subprocess.run([*words, "-fsanitize-undefined-trap-on-error", "-o", str(binary)], check=True)
    shown = subprocess.run([binary], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines() == ["1048576 of 1048576", "1048576 of 1048576", "0 of 0"]
