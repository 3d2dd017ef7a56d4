/* Keeps what a power cut would lose: an undo journal of every write that was not synced. For tests only.
 *
 * GAVEL_CHAOS_WRITES names a folder on another file system than the data. Before a process overwrites bytes of a file
 * on the file system of GAVEL_CHAOS_DATA, they are appended to the file "INODE.undo" in that folder, as three
 * numbers (offset, length of what follows, size of the file before) and the old bytes. fsync empties that journal and
 * touches "INODE.synced"; syncfs empties all and touches "0.synced". tests.chaos.shims plays the journals back.
 * Names count as durable at once: only contents are lost. A Python that is started with an environment of its own
 * (the reader of uploaded packages) gets the shim too: otherwise its writes and syncs would not be recorded.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *journals;
static dev_t data_device;
static int has_begun;

__attribute__((constructor)) static void begin(void) {
	struct stat data, journal;
	const char *folder = getenv("GAVEL_CHAOS_DATA");
	if (has_begun)
		return;
	has_begun = 1;
	journals = getenv("GAVEL_CHAOS_WRITES");
	if (!journals || !folder || stat(folder, &data) || stat(journals, &journal) || data.st_dev == journal.st_dev)
		journals = NULL;
	else
		data_device = data.st_dev;
}

static int journal_of(ino_t inode, const char *kind, int flags) {
	char path[4096];
	snprintf(path, sizeof path, "%s/%llu.%s", journals, (unsigned long long)inode, kind);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0666);
}

static int is_kept(int fd, struct stat *facts) {
	begin();
	return journals && !fstat(fd, facts) && S_ISREG(facts->st_mode) && facts->st_dev == data_device;
}

/* Appends one record with the present bytes at [offset, offset + length). */
static void keep(int fd, const struct stat *facts, int64_t offset, int64_t length) {
	int64_t old = facts->st_size - offset < length ? facts->st_size - offset : length;
	char path[64], *record;
	if (old < 0)
		old = 0;
	int64_t header[3] = {offset, old, facts->st_size};
	int journal = journal_of(facts->st_ino, "undo", O_WRONLY | O_APPEND | O_CREAT);
	if (journal < 0)
		return;
	if ((record = malloc(sizeof header + old))) {
		if (old) {
			/* A file that is open for writing only is opened again for reading. Closing it ends all fcntl locks
			 * of the process on the file. SQLite's locks stay, because SQLite opens its files for both. */
			int is_readable = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR, from = fd;
			snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
			if (!is_readable)
				from = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
			ssize_t n = from < 0 ? 0 : syscall(SYS_pread64, from, record + sizeof header, old, offset);
			header[1] = n < 0 ? 0 : n;
			if (!is_readable && from >= 0)
				syscall(SYS_close, from);
		}
		memcpy(record, header, sizeof header);
		syscall(SYS_write, journal, record, sizeof header + header[1]);
		free(record);
	}
	syscall(SYS_close, journal);
}

static void before_write(int fd, int64_t offset, int64_t length) {
	int kept_errno = errno;
	struct stat facts;
	if (length > 0 && is_kept(fd, &facts)) {
		if (offset < 0)
			offset = fcntl(fd, F_GETFL) & O_APPEND ? facts.st_size : lseek(fd, 0, SEEK_CUR);
		keep(fd, &facts, offset, length);
	}
	errno = kept_errno;
}

static int64_t length_of(const struct iovec *parts, int count) {
	int64_t sum = 0;
	for (int i = 0; i < count; i++)
		sum += parts[i].iov_len;
	return sum;
}

ssize_t write(int fd, const void *bytes, size_t n) {
	before_write(fd, -1, n);
	return syscall(SYS_write, fd, bytes, n);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
	before_write(fd, at, n);
	return syscall(SYS_pwrite64, fd, bytes, n, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
	return pwrite64(fd, bytes, n, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
	before_write(fd, -1, length_of(parts, count));
	return syscall(SYS_writev, fd, parts, count);
}

ssize_t sendfile64(int out, int in, off64_t *at, size_t n) {
	before_write(out, -1, n);
	return syscall(SYS_sendfile, out, in, at, n);
}

ssize_t sendfile(int out, int in, off_t *at, size_t n) {
	return sendfile64(out, in, at, n);
}

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t n, unsigned flags) {
	before_write(out, to ? *to : -1, n);
	return syscall(SYS_copy_file_range, in, from, out, to, n, flags);
}

int ftruncate64(int fd, off64_t size) {
	struct stat facts;
	if (is_kept(fd, &facts))
		keep(fd, &facts, size < facts.st_size ? size : facts.st_size, facts.st_size);
	return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size) {
	return ftruncate64(fd, size);
}

#define MOST_VARIABLES 500
int execve(const char *program, char *const arguments[], char *const environment[]) {
	static const char *const names[] = {"LD_PRELOAD", "GAVEL_CHAOS_WRITES", "GAVEL_CHAOS_DATA"};
	char texts[3][4096], *more[MOST_VARIABLES + 4];
	int n = 0, is_given = 0;
	for (; environment[n] && n < MOST_VARIABLES; n++) {
		more[n] = environment[n];
		is_given |= !strncmp(environment[n], "LD_PRELOAD=", 11);
	}
	if (environment[n] || is_given || !strstr(program, "python"))
		return (int)syscall(SYS_execve, program, arguments, environment);
	for (int i = 0; i < 3; i++) {
		const char *value = getenv(names[i]);
		if (!value)
			continue;
		snprintf(texts[i], sizeof texts[i], "%s=%s", names[i], value);
		more[n++] = texts[i];
	}
	more[n] = NULL;
	return (int)syscall(SYS_execve, program, arguments, more);
}

static void touch(ino_t inode, const char *kind, int flags) {
	int fd = journal_of(inode, kind, O_WRONLY | O_CREAT | flags);
	if (fd < 0)
		return;
	futimens(fd, NULL);
	syscall(SYS_close, fd);
}

static int synced(int fd, int failed) {
	int kept_errno = errno;
	struct stat facts;
	if (!failed && is_kept(fd, &facts)) {
		touch(facts.st_ino, "synced", 0);
		touch(facts.st_ino, "undo", O_TRUNC);
	}
	errno = kept_errno;
	return failed;
}

int fsync(int fd) {
	return synced(fd, (int)syscall(SYS_fsync, fd));
}

int fdatasync(int fd) {
	return synced(fd, (int)syscall(SYS_fdatasync, fd));
}

int syncfs(int fd) {
	struct stat facts;
	int failed = (int)syscall(SYS_syncfs, fd);
	begin();
	if (failed || !journals || fstat(fd, &facts) || facts.st_dev != data_device)
		return failed;
	touch(0, "synced", 0);
	DIR *all = opendir(journals);
	for (struct dirent *one; all && (one = readdir(all));)
		if (strstr(one->d_name, ".undo"))
			touch(strtoull(one->d_name, NULL, 10), "undo", O_TRUNC);
	if (all)
		closedir(all);
	return 0;
}
