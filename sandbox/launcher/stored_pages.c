/*
 * Puts the pages of a file into the kernel's cache when the file is opened (FUSE_NOTIFY_STORE).
 *
 * Why. The kernel charges a page to the cgroup of the process that brings it into the cache. If a box did
 * that, the files that a compiler reads would count against the compiler's memory limit. Near this limit the
 * compiler would lose the pages of its own code and read them again, over and over. Pages that this process stores are
 * charged to the worker, like the files of the host that other processes have read before.
 *
 * When. A page that a box waits for is locked until the server answers. A server that stored this page would
 * wait for its own answer. So pages are stored and dropped only while no program has the file open. The kernel
 * asks for a page only if it has freed the page because memory was short, or if the file is too large. Then the
 * file is dropped, and stored again at its next opening.
 *
 * How much. Each kind of file has a limit. Beyond it, the files that were opened the longest ago are dropped.
 * Programs and tests have their own limit, so that tests do not displace compilers. A dropped file is read
 * again at its next opening. Meanwhile the host's cache keeps the file, like any file that is read (no
 * RWF_DONTCACHE). Otherwise a program that opens many files would have the host's disk read them again and again.
 */
#define _GNU_SOURCE
#include <linux/fuse.h>
#include <stddef.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stored_pages.h"

enum { PIECE_BYTES = 1 << 20, PAGE_BYTES = 4096 };
#define MIB ((uint64_t)1 << 20)

static const uint64_t most_bytes[] = { 2048 * MIB, 256 * MIB };      /* of the system, of shares */
static const uint64_t most_of_a_file[] = { 256 * MIB, 128 * MIB };

/* The files whose pages were stored: a ring. `ends` is its head, and the oldest file is `ends.newer`. */
static struct kind { struct pages ends; uint64_t bytes; } kinds[2];

static struct kind *kind_of(const struct pages *pages)
{
	struct kind *kind = &kinds[pages->of_share];
	if (!kind->ends.newer)
		kind->ends.newer = kind->ends.older = &kind->ends;
	return kind;
}

static void unlink_pages(struct pages *pages)
{
	pages->newer->older = pages->older, pages->older->newer = pages->newer;
}

static void link_as_newest(struct pages *pages)
{
	struct pages *ends = &kind_of(pages)->ends;
	pages->newer = ends, pages->older = ends->older;
	ends->older->newer = pages, ends->older = pages;
}

void forget_pages(struct pages *pages)
{
	if (!pages->bytes)
		return;
	unlink_pages(pages);
	kind_of(pages)->bytes -= pages->bytes;
	pages->bytes = 0;
}

/* Sends a notification: a message that answers no request. Returns 0, or -1 with errno. */
static int notify(int device, int code, const void *head, size_t head_size, const void *data, size_t size)
{
	struct fuse_out_header out = { .len = (uint32_t)(sizeof out + head_size + size), .error = code };
	struct iovec parts[] = { { &out, sizeof out }, { (void *)(uintptr_t)head, head_size }, { (void *)(uintptr_t)data, size } };
	return writev(device, parts, size ? 3 : 2) < 0 ? -1 : 0;
}

void drop_pages(struct pages *pages, int device)
{
	struct fuse_notify_inval_inode_out all = { .ino = pages->node };
	notify(device, FUSE_NOTIFY_INVAL_INODE, &all, sizeof all, NULL, 0);
	forget_pages(pages);
	pages->was_read = 0;
}

/* Drop files that no program has open, the oldest first. */
static void make_space(struct kind *kind, uint64_t most, uint64_t size, int device)
{
	for (struct pages *each = kind->ends.newer, *next; each != &kind->ends && kind->bytes + size > most; each = next) {
		next = each->newer;
		if (!each->opens)
			drop_pages(each, device);
	}
}

/* Returns how many bytes were stored. These are fewer than `size` if the file is shorter now, or if memory is short. */
static uint64_t store_content(uint64_t node, int device, int fd, uint64_t size)
{
	static char piece[PIECE_BYTES];
	uint64_t done = 0;
	while (done < size) {
		size_t wanted = size - done < PIECE_BYTES ? (size_t)(size - done) : PIECE_BYTES;
		struct fuse_notify_store_out head = { .nodeid = node, .offset = done, .size = (uint32_t)wanted };
		if (pread(fd, piece, wanted, (off_t)done) != (ssize_t)wanted ||
		    notify(device, FUSE_NOTIFY_STORE, &head, sizeof head, piece, wanted) < 0)
			break;
		done += wanted;
	}
	return done;
}

void store_pages(struct pages *pages, int device, int fd, uint64_t size)
{
	struct kind *kind = kind_of(pages);
	uint64_t most = most_bytes[pages->of_share], stored;
	if (pages->opens || !size || size > most_of_a_file[pages->of_share])
		return;
	if (pages->bytes && !pages->was_read) {
		unlink_pages(pages), link_as_newest(pages);
		return;
	}
	if (pages->was_read)
		drop_pages(pages, device);
	make_space(kind, most, size, device);
	if (kind->bytes + size > most)
		return;
	stored = store_content(pages->node, device, fd, size);
	if (!stored)
		return;
	pages->bytes = (stored + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	kind->bytes += pages->bytes;
	link_as_newest(pages);
}
