/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_MMAP_H
#define RINGLOG_MMAP_H

struct file;
struct vm_area_struct;

int ringlog_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* RINGLOG_MMAP_H */
