/* The launcher's request parser under libFuzzer. All texts of an accepted request must end inside the message, and its paths must be safe. */
#include <stdlib.h>
#include "protocol.h"

static void require(int held)
{
	if (!held)
		abort();
}

static void check_string(const char *text, const char *bytes, size_t size)
{
	require(text >= bytes && text < bytes + size && memchr(text, 0, (size_t)(bytes + size - text)) != NULL);
}

static void check_accepted(const struct request *q, const struct parsed_request *a, const char *bytes, size_t size, int shares)
{
	check_string(a->seccomp_profile, bytes, size);
	require(q->argument_count <= MAX_ARGUMENTS && a->argv[q->argument_count] == NULL && a->argv[0][0] == '/');
	for (uint32_t i = 0; i < q->argument_count; i++)
		check_string(a->argv[i], bytes, size);
	for (uint32_t i = 0; i < q->variable_count; i++)
		check_string(a->envp[i], bytes, size);
	for (uint32_t i = 0; i < q->file_count; i++) {
		check_string(a->file_names[i], bytes, size);
		require(a->file_names[i][0] != '/' && strncmp(a->file_names[i], "../", 3) && !strstr(a->file_names[i], "/../"));
	}
	for (uint32_t i = 0; i < q->mount_count; i++) {
		check_string(a->mount_targets[i], bytes, size);
		require(a->mounts[i].share < (uint32_t)shares && a->mount_targets[i][0] == '/' && !strstr(a->mount_targets[i], "/../"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct parsed_request parsed;
	if (size < 1 || size > MAX_MESSAGE)
		return 0;
	int fds = data[0] & 7, shares = data[0] >> 4;
	char *bytes = malloc(size); /* a block of its own, so that the sanitizer reports a read beyond its end */
	memcpy(bytes, data + 1, size - 1);
	if (size > sizeof(struct request)) { /* fixed values, so that most inputs get past the check of the head */
		struct request *q = (struct request *)(void *)bytes;
		q->magic = PROTOCOL_MAGIC;
		q->kind = REQUEST_RUN;
		q->argument_count %= 8, q->variable_count %= 8, q->file_count %= 8, q->mount_count %= 8;
		if (data[0] & 8)
			fds = 3 + (q->file_count > 0) + !!(q->flags & STDIN_MOUNT);
	}
	char *whole = realloc(bytes, size - 1 ? size - 1 : 1);
	if (parse_request(whole, size - 1, fds, shares, &parsed) == 0)
		check_accepted((const struct request *)(const void *)whole, &parsed, whole, size - 1, shares);
	free(whole);
	return 0;
}
