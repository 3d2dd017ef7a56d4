/* The pages of files that the file server puts into the kernel's cache before a box can read them. */
#ifndef GAVEL_STORED_PAGES_H
#define GAVEL_STORED_PAGES_H
#include <stdint.h>

/* The pages of one file. Until the file is opened, all fields but `node` and `of_share` are zero. */
struct pages {
	struct pages *newer, *older;   /* in the list of its kind, while `bytes` is not 0 */
	uint64_t node;                 /* the id by which the kernel knows the file */
	uint64_t bytes;                /* how many were stored */
	uint32_t opens;                /* how often it is open */
	int of_share;                  /* a file of a share, not of the system */
	int was_read;                  /* since then the kernel asked for pages, so a box may be charged for some */
};

void store_pages(struct pages *pages, int device, int fd, uint64_t size);   /* before the opening is answered */
void drop_pages(struct pages *pages, int device);
void forget_pages(struct pages *pages);      /* the kernel has dropped them, or will */
#endif
