// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ringlog: partitioned ring logs in kernel memory. See Documentation/.
 */
#include <linux/err.h>
#include <linux/module.h>

#include "chardev.h"
#include "netlink.h"
#include "params.h"
#include "registry.h"

static int add_default_stream(const struct ringlog_stream_config *config)
{
	struct ringlog_stream *stream;
	struct ringlog_fault fault;

	stream = ringlog_registry_add(config, &fault);
	if (IS_ERR(stream)) {
		ringlog_params_blame(&fault);
		return PTR_ERR(stream);
	}
	ringlog_stream_put(stream);
	pr_info("/dev/stream: %u x %llu bytes, records up to %u\n", config->partitions,
		config->ring_bytes, config->max_record);
	return 0;
}

static int __init ringlog_init(void)
{
	struct ringlog_stream_config config;
	int ret;

	ret = ringlog_params_check(&config);
	if (ret)
		return ret;
	ret = ringlog_chardev_init();
	if (ret)
		return ret;
	ret = ringlog_registry_init(&ringlog_chardev_nodes);
	if (ret)
		goto err_chardev;
	ret = ringlog_netlink_init();
	if (ret)
		goto err_registry;
	/* Last, for then it can be opened, and what is open cannot be taken back. */
	ret = add_default_stream(&config);
	if (ret)
		goto err_netlink;
	return 0;

err_netlink:
	ringlog_netlink_exit();
err_registry:
	ringlog_registry_exit();
err_chardev:
	ringlog_chardev_exit();
	return ret;
}

static void __exit ringlog_exit(void)
{
	ringlog_netlink_exit();
	ringlog_registry_exit();
	ringlog_chardev_exit();
}

module_init(ringlog_init);
module_exit(ringlog_exit);

MODULE_DESCRIPTION("Partitioned ring logs in kernel memory");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
