// Sends to an address, and passes a descriptor, by a socket of a socketpair.
// @profiles compiler mono script
#include "hostile.h"
#include <sys/un.h>

int main(void)
{
	int pair[2] = {-1, -1}, hit = 0;
	struct sockaddr_un to = {AF_UNIX, "\0gavel"};
	struct iovec data = {"x", 1};
	union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } rights = {{CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr message = {&to, sizeof to, &data, 1}, passed = {0, 0, &data, 1, &rights, sizeof rights};

	hit |= socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	memcpy(CMSG_DATA(&rights.head), &pair[1], sizeof(int));
	hit |= sendto(pair[0], "x", 1, 0, (void *)&to, sizeof to) >= 0 || errno == ECONNREFUSED;
	hit |= sendmsg(pair[0], &message, 0) >= 0 || errno == ECONNREFUSED;
	hit |= sendmsg(pair[0], &passed, 0) >= 0;
	hit |= connect(pair[0], (void *)&to, sizeof to) == 0 || errno == ECONNREFUSED;
	return print_result(hit);
}
