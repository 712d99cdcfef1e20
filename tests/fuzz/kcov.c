// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PC counts as section and offset, which stay the same when the module is loaded again. All
 * processes share one bit for each byte of the module's code.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcov.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kcov.h"

#define KCOV		"/sys/kernel/debug/kcov"
#define AREA_WORDS	(64U << 10)
#define SECTIONS_MAX	16
/* Where the kernel is linked to run; KCOV takes the random distance from it off. */
#define LINKED_AT	0xffffffff81000000ULL

/**
 * struct section - code of the module
 * @name: as in its file
 * @size: in bytes
 * @first: its first bit
 * @base: where it is now; shared, for it moves with each load
 */
struct section {
	char name[32];
	uint64_t size;
	uint64_t first;
	uint64_t _Atomic base;
};

static struct section *sections;
static unsigned int section_count;
static atomic_uchar *bits;
static _Atomic uint32_t *reached;
static uint64_t bit_count;
static uint64_t slide;

static void *share(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return at;
}

static void add_section(const char *name, uint64_t size)
{
	struct section *section = &sections[section_count];

	if (section_count == SECTIONS_MAX || !size)
		return;
	snprintf(section->name, sizeof(section->name), "%s", name);
	section->size = size;
	section->first = bit_count;
	bit_count += size;
	section_count++;
}

static void read_sections(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	const char *file;

	if (fd < 0 || fstat(fd, &status)) {
		perror(path);
		exit(2);
	}
	file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file != MAP_FAILED && !memcmp(file, ELFMAG, SELFMAG)) {
		const Elf64_Ehdr *elf = (const void *)file;
		const Elf64_Shdr *header = (const void *)(file + elf->e_shoff);
		const char *names = file + header[elf->e_shstrndx].sh_offset;

		for (int i = 0; i < elf->e_shnum; i++)
			if (header[i].sh_flags & SHF_EXECINSTR)
				add_section(names + header[i].sh_name, header[i].sh_size);
	}
	close(fd);
}

static void read_slide(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "r");
	char line[256], name[200];
	uint64_t at;

	while (symbols && fgets(line, sizeof(line), symbols)) {
		if (sscanf(line, "%" SCNx64 " %*c %199s", &at, name) == 2 &&
		    !strcmp(name, "_text")) {
			slide = at > LINKED_AT ? at - LINKED_AT : 0;
			break;
		}
	}
	if (symbols)
		fclose(symbols);
}

void coverage_init(const char *module)
{
	sections = share(SECTIONS_MAX * sizeof(*sections));
	reached = share(sizeof(*reached));
	read_sections(module);
	bits = share(bit_count / 8 + 1);
	if (coverage_available())
		read_slide();
}

bool coverage_available(void)
{
	return !access(KCOV, R_OK | W_OK);
}

void coverage_relocate(void)
{
	char path[128];

	for (unsigned int i = 0; i < section_count; i++) {
		uint64_t base = 0;
		FILE *file;

		snprintf(path, sizeof(path), "/sys/module/ringlog/sections/%s", sections[i].name);
		file = fopen(path, "r");
		if (file && fscanf(file, "%" SCNx64, &base) != 1)
			base = 0;
		if (file)
			fclose(file);
		atomic_store(&sections[i].base, base ? base - slide : 0);
	}
}

uint32_t coverage_count(void)
{
	return atomic_load(reached);
}

bool coverage_write(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return false;
	for (unsigned int i = 0; i < section_count; i++)
		for (uint64_t at = 0; at < sections[i].size; at++) {
			uint64_t bit = sections[i].first + at;

			if (atomic_load(&bits[bit / 8]) & (1 << bit % 8))
				fprintf(file, "%s %" PRIx64 "\n", sections[i].name, at);
		}
	return !fclose(file);
}

void kcov_enable(struct kcov *kcov)
{
	kcov->fd = open(KCOV, O_RDWR | O_CLOEXEC);
	if (kcov->fd < 0)
		return;
	if (ioctl(kcov->fd, KCOV_INIT_TRACE, (unsigned long)AREA_WORDS))
		goto err_close;
	kcov->area = mmap(NULL, AREA_WORDS * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED,
			  kcov->fd, 0);
	if (kcov->area == MAP_FAILED)
		goto err_close;
	if (ioctl(kcov->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		goto err_unmap;
	return;

err_unmap:
	munmap(kcov->area, AREA_WORDS * sizeof(uint64_t));
err_close:
	perror(KCOV);
	close(kcov->fd);
	kcov->fd = -1;
}

void kcov_disable(struct kcov *kcov)
{
	if (kcov->fd < 0)
		return;
	ioctl(kcov->fd, KCOV_DISABLE, 0);
	munmap(kcov->area, AREA_WORDS * sizeof(uint64_t));
	close(kcov->fd);
	kcov->fd = -1;
}

void kcov_reset(struct kcov *kcov)
{
	if (kcov->fd >= 0)
		__atomic_store_n(&kcov->area[0], 0, __ATOMIC_RELAXED);
}

/* Is the bit new? */
static bool reach(uint64_t bit)
{
	unsigned char mask = 1 << bit % 8;

	if (atomic_load_explicit(&bits[bit / 8], memory_order_relaxed) & mask)
		return false;
	if (atomic_fetch_or(&bits[bit / 8], mask) & mask)
		return false;
	atomic_fetch_add(reached, 1);
	return true;
}

uint32_t kcov_collect(struct kcov *kcov)
{
	uint64_t count, base, i;
	uint32_t fresh = 0;
	unsigned int s;

	if (kcov->fd < 0)
		return 0;
	count = __atomic_load_n(&kcov->area[0], __ATOMIC_RELAXED);
	for (s = 0; s < section_count; s++) {
		base = atomic_load_explicit(&sections[s].base, memory_order_relaxed);
		if (!base)
			continue;
		for (i = 1; i <= count; i++)
			if (kcov->area[i] - base < sections[s].size)
				fresh += reach(sections[s].first + kcov->area[i] - base);
	}
	return fresh;
}
