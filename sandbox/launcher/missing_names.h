/* Bounds how many missing names the kernel remembers for a slot, so that no run waits until they are freed. */
#ifndef GAVEL_MISSING_NAMES_H
#define GAVEL_MISSING_NAMES_H
#include <stdint.h>

void start_dropping_names(int device);                     /* `device` stays open in the new process only */
void note_missing_name(uint64_t parent, const char *name); /* call it after answering that the name is missing */
#endif
