// SPDX-License-Identifier: GPL-2.0-only
/* /dev/floor: a write handler that returns at once, to compare others with. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uio.h>

static ssize_t floor_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	size_t bytes = iov_iter_count(from);

	iov_iter_advance(from, bytes);
	return bytes;
}

static const struct file_operations floor_fops = {
	.owner		= THIS_MODULE,
	.write_iter	= floor_write_iter,
};

static struct miscdevice floor_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "floor",
	.fops	= &floor_fops,
	.mode	= 0600,
};

module_misc_device(floor_device);

MODULE_DESCRIPTION("A write handler that returns at once");
MODULE_LICENSE("GPL");
