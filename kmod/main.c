// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ringlog: partitioned ring logs in kernel memory. See Documentation/.
 */
#include <linux/err.h>
#include <linux/module.h>

#include "chardev.h"
#include "params.h"
#include "stream.h"

static struct ringlog_stream *stream;

static int __init ringlog_init(void)
{
	struct ringlog_stream_config config;
	umode_t mode;
	int ret;

	ret = ringlog_params_check(&config, &mode);
	if (ret)
		return ret;
	stream = ringlog_stream_create(&config);
	if (IS_ERR(stream)) {
		pr_err("no memory for %u partitions of %llu bytes\n", config.partitions,
		       config.ring_bytes);
		return PTR_ERR(stream);
	}
	ret = ringlog_chardev_init(stream, mode);
	if (ret)
		goto err_stream;
	pr_info("/dev/stream: %u x %llu bytes, records up to %u\n", config.partitions,
		config.ring_bytes, config.max_record);
	return 0;

err_stream:
	ringlog_stream_destroy(stream);
	return ret;
}

static void __exit ringlog_exit(void)
{
	ringlog_chardev_exit();
	ringlog_stream_kill(stream);
	ringlog_stream_destroy(stream);
}

module_init(ringlog_init);
module_exit(ringlog_exit);

MODULE_DESCRIPTION("Partitioned ring logs in kernel memory");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
