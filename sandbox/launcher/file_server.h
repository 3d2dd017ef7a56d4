/* Serves the host's files to the boxes of one slot through FUSE, so that the slot has pages of its own. */
#ifndef GAVEL_FILE_SERVER_H
#define GAVEL_FILE_SERVER_H
#include <sys/types.h>

/*
 * The zygote mounts the file system here while it builds its root. Entry N of the root is the name N below
 * it.
 */
#define FILES_AT "/tmp"

int open_files_device(void);                         /* -1 with errno if the host has none */
int mount_files(int device, uid_t uid, gid_t gid, int for_other_users);
void serve_files(int device, int mounted) __attribute__((noreturn));  /* waits for a byte from `mounted` */
#endif
