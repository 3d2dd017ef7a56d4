/* The launcher's request parser under libFuzzer: whatever it accepts must be whole, inside the message, and safe. */
#include <stdlib.h>
#include "protocol.h"

static void must(int held)
{
	if (!held)
		abort();
}

static void check_string(const char *text, const char *bytes, size_t size)
{
	must(text >= bytes && text < bytes + size && memchr(text, 0, (size_t)(bytes + size - text)) != NULL);
}

static void check_accepted(const struct request *q, const struct asked *a, const char *bytes, size_t size, int shares)
{
	check_string(a->needs, bytes, size);
	must(q->arguments <= MOST_ARGUMENTS && a->argv[q->arguments] == NULL && a->argv[0][0] == '/');
	for (uint32_t i = 0; i < q->arguments; i++)
		check_string(a->argv[i], bytes, size);
	for (uint32_t i = 0; i < q->variables; i++)
		check_string(a->envp[i], bytes, size);
	for (uint32_t i = 0; i < q->files; i++) {
		check_string(a->file_names[i], bytes, size);
		must(a->file_names[i][0] != '/' && strncmp(a->file_names[i], "../", 3) && !strstr(a->file_names[i], "/../"));
	}
	for (uint32_t i = 0; i < q->mounts; i++) {
		check_string(a->mount_targets[i], bytes, size);
		must(a->mounts[i].share < (uint32_t)shares && a->mount_targets[i][0] == '/' && !strstr(a->mount_targets[i], "/../"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct asked asked;
	if (size < 1 || size > WIRE_LARGEST)
		return 0;
	int fds = data[0] & 7, shares = data[0] >> 4;
	char *bytes = malloc(size); /* its own block, so that a read beyond it is seen */
	memcpy(bytes, data + 1, size - 1);
	if (size > sizeof(struct request)) { /* past the door: the head's constants are not for guessing */
		struct request *q = (struct request *)(void *)bytes;
		q->magic = WIRE_MAGIC;
		q->kind = ASK_RUN;
		q->arguments %= 8, q->variables %= 8, q->files %= 8, q->mounts %= 8;
		if (data[0] & 8)
			fds = 3 + (q->files > 0) + !!(q->flags & STDIN_MOUNT);
	}
	char *whole = realloc(bytes, size - 1 ? size - 1 : 1);
	if (wire_parse(whole, size - 1, fds, shares, &asked) == 0)
		check_accepted((const struct request *)(const void *)whole, &asked, whole, size - 1, shares);
	free(whole);
	return 0;
}
