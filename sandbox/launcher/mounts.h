/* Files and mounts. The launcher uses these functions before the untrusted program of a box runs. */
#ifndef GAVEL_MOUNTS_H
#define GAVEL_MOUNTS_H
#include <linux/mount.h>
#include <stdint.h>

/* <sys/mount.h> is not used, since it clashes with <linux/mount.h>, and older libcs lack half of it. */
#define MNT_DETACH 2
#define AT_EMPTY 0x1000      /* AT_EMPTY_PATH */
#define AT_RECURSE 0x8000    /* AT_RECURSIVE */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);

/* Each returns -1 with errno set when it fails. A tree is the descriptor of a detached mount. */
int write_file(int dir, const char *path, const char *text);
int make_parents(int dir, const char *path);             /* every folder of `path` above its last component */
int bind_to(const char *source, const char *target);
int clone_tree(const char *source, int is_device);       /* a read-only copy of the mounts at `source` */
int attach_tree(int tree, const char *target);
int add_tree(int root, int tree, const char *target);    /* attach_tree(), after making a file or folder there */
int open_without_path(int named, int *tree);             /* opens the same file so that its path reads "/" */
int create_work_tmpfs(uint64_t bytes);                   /* detached, with the folders that a box sees as /w and /tmp */
int resize_work_tmpfs(int work, uint64_t bytes);
#endif
