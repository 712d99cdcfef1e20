/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UNIT_LINUX_ALIGN_H
#define UNIT_LINUX_ALIGN_H

/* As in the kernel: the mask has the type of @x. */
#define ALIGN(x, a)		UNIT_ALIGN_MASK(x, (__typeof__(x))(a) - 1)
#define UNIT_ALIGN_MASK(x, mask) (((x) + (mask)) & ~(mask))

#endif /* UNIT_LINUX_ALIGN_H */
