/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels. The code is written to the newest; every
 * version check of the project is here.
 */
#ifndef RINGLOG_COMPAT_H
#define RINGLOG_COMPAT_H

#include <linux/device/class.h>
#include <linux/fs.h>
#include <linux/uio.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "ringlog needs Linux 6.1 or newer"
#endif

/* 6.2 made the device const for class.devnode (ff62b8e6588f). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define RINGLOG_DEVNODE_CONST
#else
#define RINGLOG_DEVNODE_CONST const
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

#endif /* RINGLOG_COMPAT_H */
