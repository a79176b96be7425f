// Linux calls that Swift's Glibc module does not export.
#pragma once
#include <getopt.h>
#include <sched.h>

// glibc declares it only under _GNU_SOURCE, which Swift's Glibc module is built without.
extern int sched_getaffinity(int pid, unsigned long byte_count, cpu_set_t *set);
