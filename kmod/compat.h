/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels. The code is written to the newest; every
 * version check of the project is here.
 */
#ifndef RINGLOG_COMPAT_H
#define RINGLOG_COMPAT_H

#include <linux/device/class.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/genetlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "ringlog needs Linux 6.1 or newer"
#endif

/* 6.1.68 can keep a multicast group for those with CAP_NET_ADMIN. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#error "ringlog needs a Linux whose generic netlink knows GENL_MCAST_CAP_NET_ADMIN: 6.1.68 or newer"
#endif

/* 6.3 made the device const for device_type.devnode. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define RINGLOG_DEVNODE_CONST
#else
#define RINGLOG_DEVNODE_CONST const
#endif

/* 6.3 gave vm_flags functions of their own (1c71222e5f23). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void ringlog_vm_flags_mod(struct vm_area_struct *vma, unsigned long set,
					unsigned long clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#else
#define ringlog_vm_flags_mod(vma, set, clear) vm_flags_mod(vma, set, clear)
#endif

/* 6.4 dropped the owner (1aaba11da9aa). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define ringlog_class_create(name) class_create(THIS_MODULE, name)
#else
#define ringlog_class_create(name) class_create(name)
#endif

/* 6.2 gave the directions names of their own (de4eda9de2d9). */
#ifndef ITER_SOURCE
#define ITER_SOURCE WRITE
#endif

/* 6.6 gave dumps a struct genl_info. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define ringlog_dump_attrs(cb) (genl_dumpit_info(cb)->attrs)
#else
#define ringlog_dump_attrs(cb) (genl_info_dump(cb)->attrs)
#endif

#endif /* RINGLOG_COMPAT_H */
