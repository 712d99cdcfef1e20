// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device nodes and their file operations.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "attach.h"
#include "chardev.h"
#include "compat.h"
#include "control.h"
#include "handle.h"
#include "mmap.h"
#include "reader.h"
#include "registry.h"
#include "waiting.h"
#include "writer.h"

static struct class *class;
static struct cdev cdev;
static dev_t first;

static int stream_open_file(struct inode *inode, struct file *file)
{
	struct ringlog_stream *stream = ringlog_registry_open(iminor(inode));
	struct ringlog_handle *handle;

	if (!stream)
		return -ENODEV;
	handle = ERR_PTR(-ENODEV);
	if (!ringlog_stream_gone(stream))
		handle = ringlog_handle_open(stream, file->f_mode & FMODE_READ);
	if (IS_ERR(handle)) {
		ringlog_stream_put(stream);
		return PTR_ERR(handle);
	}
	file->private_data = handle;
	/* A stream, but for an lseek of our own; calls may say that they cannot wait. */
	file->f_mode &= ~(FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM | FMODE_NOWAIT;
	return 0;
}

static int stream_release(struct inode *inode, struct file *file)
{
	struct ringlog_handle *handle = file->private_data;
	struct ringlog_stream *stream = handle->stream;

	ringlog_handle_close(handle);
	ringlog_stream_put(stream);
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
	struct ringlog_handle *handle = file->private_data;

	if (whence == SEEK_CUR || !(file->f_mode & FMODE_READ))
		return -ESPIPE;
	if (offset || (whence != SEEK_SET && whence != SEEK_END))
		return -EINVAL;
	if (ringlog_stream_gone(handle->stream))
		return -ENODEV;
	return ringlog_seek_ends(handle, whence == SEEK_END);
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
	.mmap = ringlog_mmap,
	.unlocked_ioctl = ringlog_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* --- nodes ---------------------------------------------------------------------------- */

/**
 * struct stream_node - a stream's device
 * @device: the driver core's
 * @uid: of the node
 * @gid: of the node
 * @mode: of the node
 *
 * A part of the driver core's, so its life is that of whoever holds the device.
 */
struct stream_node {
	struct device device;
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
};

static char *node_devnode(RINGLOG_DEVNODE_CONST struct device *device, umode_t *mode,
			  kuid_t *uid, kgid_t *gid)
{
	const struct stream_node *node = container_of(device, struct stream_node, device);

	/* A node that is to be removed is only asked for its name. */
	if (!mode)
		return NULL;
	*mode = node->mode;
	*uid = node->uid;
	*gid = node->gid;
	return NULL;
}

static void node_release(struct device *device)
{
	kfree(container_of(device, struct stream_node, device));
}

static const struct device_type node_type = {
	.name = "stream",
	.devnode = node_devnode,
	.release = node_release,
};

/* The driver core makes a directory of what is before a "!". */
static int name_node(struct device *device, const char *name)
{
	if (!strcmp(name, RINGLOG_DEFAULT_NAME))
		return dev_set_name(device, "stream");
	return dev_set_name(device, "streams!%s", name);
}

static int add_node(struct ringlog_stream *stream)
{
	struct stream_node *node;
	int ret;

	node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!node)
		return -ENOMEM;
	node->uid = stream->uid;
	node->gid = stream->gid;
	node->mode = stream->mode;
	device_initialize(&node->device);
	node->device.class = class;
	node->device.type = &node_type;
	node->device.devt = MKDEV(MAJOR(first), stream->id);
	ret = name_node(&node->device, stream->name);
	if (!ret)
		ret = device_add(&node->device);
	if (ret) {
		put_device(&node->device);
		return ret;
	}
	stream->device = &node->device;
	return 0;
}

static void remove_node(struct ringlog_stream *stream)
{
	device_unregister(stream->device);
}

const struct ringlog_nodes ringlog_chardev_nodes = {
	.add = add_node,
	.remove = remove_node,
};

/**
 * ringlog_chardev_init() - before any node
 *
 * Context: process.
 * Return: 0 or an errno of the driver core's.
 */
int ringlog_chardev_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&first, 0, RINGLOG_IDS, "ringlog");
	if (ret)
		return ret;
	cdev_init(&cdev, &stream_fops);
	cdev.owner = THIS_MODULE;
	ret = cdev_add(&cdev, first, RINGLOG_IDS);
	if (ret)
		goto err_region;
	class = ringlog_class_create("ringlog");
	ret = PTR_ERR_OR_ZERO(class);
	if (ret)
		goto err_cdev;
	return 0;

err_cdev:
	cdev_del(&cdev);
err_region:
	unregister_chrdev_region(first, RINGLOG_IDS);
	return ret;
}

/**
 * ringlog_chardev_exit() - after all nodes
 *
 * No file is open: each would hold the module.
 */
void ringlog_chardev_exit(void)
{
	class_destroy(class);
	cdev_del(&cdev);
	unregister_chrdev_region(first, RINGLOG_IDS);
}
