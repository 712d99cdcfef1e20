// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device node and its file operations.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>

#include "attach.h"
#include "chardev.h"
#include "compat.h"
#include "control.h"
#include "handle.h"
#include "reader.h"
#include "waiting.h"
#include "writer.h"

static struct class *class;
static struct cdev cdev;
static dev_t first;
static umode_t default_mode;
static struct ringlog_stream *default_stream;

static int stream_open_file(struct inode *inode, struct file *file)
{
	struct ringlog_handle *handle;

	if (ringlog_stream_gone(default_stream))
		return -ENODEV;
	handle = ringlog_handle_open(default_stream, file->f_mode & FMODE_READ);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	file->private_data = handle;
	/* A stream, but for an lseek of our own; calls may say that they cannot wait. */
	file->f_mode &= ~(FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM | FMODE_NOWAIT;
	return 0;
}

static int stream_release(struct inode *inode, struct file *file)
{
	ringlog_handle_close(file->private_data);
	return 0;
}

static ssize_t stream_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return ringlog_read(iocb->ki_filp->private_data, to, ringlog_may_not_wait(iocb));
}

static ssize_t stream_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	return ringlog_write(iocb->ki_filp->private_data, from, ringlog_may_not_wait(iocb));
}

static loff_t stream_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR || !(file->f_mode & FMODE_READ))
		return -ESPIPE;
	if (offset || (whence != SEEK_SET && whence != SEEK_END))
		return -EINVAL;
	return ringlog_seek_ends(file->private_data, whence == SEEK_END);
}

static __poll_t stream_poll(struct file *file, poll_table *table)
{
	struct ringlog_handle *handle = file->private_data;
	struct ringlog_stream *stream = handle->stream;
	__poll_t asked = poll_requested_events(table) & (EPOLLOUT | EPOLLWRNORM);
	__poll_t events = 0;

	if (file->f_mode & FMODE_READ)
		events |= ringlog_poll_read(handle, file, table);
	if (file->f_mode & FMODE_WRITE) {
		/* Asked or not: epoll queues once, and may be told to ask for more later. */
		poll_wait(file, &stream->room, table);
		if (asked && ringlog_write_would_not_wait(handle))
			events |= EPOLLOUT | EPOLLWRNORM;
	}
	if (ringlog_stream_gone(stream))
		events |= EPOLLERR | EPOLLHUP;
	return events;
}

static const struct file_operations stream_fops = {
	.owner = THIS_MODULE,
	.open = stream_open_file,
	.release = stream_release,
	.read_iter = stream_read_iter,
	.write_iter = stream_write_iter,
	.llseek = stream_llseek,
	.poll = stream_poll,
	.unlocked_ioctl = ringlog_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static char *stream_devnode(RINGLOG_DEVNODE_CONST struct device *device, umode_t *mode)
{
	if (mode)
		*mode = default_mode;
	return NULL;
}

/**
 * ringlog_chardev_init() - make /dev/stream
 * @stream: behind it; stays until ringlog_chardev_exit()
 * @mode: of the node
 *
 * Context: process. The node can be opened before this returns.
 * Return: 0 or an errno of the driver core's.
 */
int ringlog_chardev_init(struct ringlog_stream *stream, umode_t mode)
{
	struct device *device;
	int ret;

	default_stream = stream;
	default_mode = mode;
	ret = alloc_chrdev_region(&first, 0, 1, "ringlog");
	if (ret)
		return ret;
	cdev_init(&cdev, &stream_fops);
	cdev.owner = THIS_MODULE;
	ret = cdev_add(&cdev, first, 1);
	if (ret)
		goto err_region;
	class = ringlog_class_create("ringlog");
	ret = PTR_ERR_OR_ZERO(class);
	if (ret)
		goto err_cdev;
	class->devnode = stream_devnode;
	device = device_create(class, NULL, first, NULL, "stream");
	ret = PTR_ERR_OR_ZERO(device);
	if (ret)
		goto err_class;
	return 0;

err_class:
	class_destroy(class);
err_cdev:
	cdev_del(&cdev);
err_region:
	unregister_chrdev_region(first, 1);
	return ret;
}

/**
 * ringlog_chardev_exit() - take /dev/stream away
 *
 * No file is open: each would hold the module.
 */
void ringlog_chardev_exit(void)
{
	device_destroy(class, first);
	class_destroy(class);
	cdev_del(&cdev);
	unregister_chrdev_region(first, 1);
}
