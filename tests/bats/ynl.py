#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
ynl.py SOURCE SPEC TEST: drives the module with the kernel tree's own client

SOURCE is the kernel's, of which tools/net/ynl and Documentation/netlink are
needed; SPEC is the module's specification, which is checked against the tree's
schema before anything else.
"""
import errno
import glob
import os
import re
import select
import sys

SOURCE, SPEC, TEST = sys.argv[1:]
sys.path.insert(0, SOURCE + '/tools/net/ynl')
sys.dont_write_bytecode = True

from lib import NlError, YnlFamily  # noqa: E402

SCHEMA = SOURCE + '/Documentation/netlink/genetlink.yaml'
KMOD = os.path.dirname(os.path.abspath(SPEC)) + '/../../kmod'
PARAMETERS = '/sys/module/ringlog/parameters/'
KIB = 1 << 10
MIB = 1 << 20
NOBODY = 65534
# Most events come while the request is answered; a loss is told of a little later.
PATIENCE = 60

# What cannot be had here: no memory, and the moment in which the module is loaded.
UNREACHED = {
    'no memory', 'no memory for the reply', 'no memory for the first offsets',
    'the module is still being loaded: try again', 'the node could not be made',
}


def client():
    return YnlFamily(SPEC, SCHEMA)


def check(got, wanted, what):
    if got != wanted:
        sys.exit(f'{what}: {got!r}, not {wanted!r}')


def check_members(got, **wanted):
    for key, value in wanted.items():
        check(got.get(key.replace('_', '-')), value, key)


def attributes_of(ynl, operation, kind='do'):
    """What the specification says that a reply has."""
    return set(ynl.msgs[operation][kind]['reply']['attributes'])


# --- every command -----------------------------------------------------------------------


SETTINGS = {
    'name': 'orders', 'partitions': 3, 'ring-bytes': 128 * KIB, 'policy': 'reject',
    'max-record': 8 * KIB, 'age': 10**12, 'budget': 10**6, 'partitioner': 'turn',
    'numa-node': 0, 'uid': 1, 'gid': 2, 'mode': 0o640,
}


def make_orders(ynl):
    offsets = [{'partition': 0, 'offset': 1000}, {'partition': 2, 'offset': (1 << 62) - 1}]
    made = ynl.do('stream-new', SETTINGS | {'first-offset': offsets})
    check(set(made), attributes_of(ynl, 'stream-new'), 'what a stream has')
    check({key: made[key] for key in SETTINGS}, SETTINGS, 'settings')
    check_members(made, used=0, retained=0, open_files=0, waiters=0)
    counters = set(ynl.attr_sets['counters'].attrs) - {'pad'}
    check(set(made['counters']), counters, 'counters')
    check(set(made['counters'].values()), {0}, 'counters')
    if not made['incarnation'] or not made['created'] or made['memory'] < 3 * 128 * KIB:
        sys.exit(f'what is this: {made}')
    return made


def check_node():
    node = os.stat('/dev/streams/orders')
    check((node.st_uid, node.st_gid, node.st_mode & 0o7777), (1, 2, 0o640), 'the node')


def check_partitions(ynl):
    listed = ynl.dump('partition-get', {'stream': 'orders'})
    check([one['next-offset'] for one in listed], [1000, 0, (1 << 62) - 1], 'first offsets')
    for index, one in enumerate(listed):
        check(set(one), attributes_of(ynl, 'partition-get'), 'what a partition has')
        check_members(one, stream='orders', index=index, head=0, tail=0, gates=0)
        check(one['oldest-offset'], one['next-offset'], 'the oldest of nothing')
        check(ynl.do('partition-get', {'stream': 'orders', 'index': index}), one, 'a partition')
    # And of all streams.
    check([(one['stream'], one['index']) for one in ynl.dump('partition-get', {})],
          [('default', 0), ('orders', 0), ('orders', 1), ('orders', 2)], 'all partitions')


def check_set(ynl, made):
    changed = ynl.do('stream-set', {'name': 'orders', 'incarnation': made['incarnation'],
                                    'age': 0, 'budget': 7, 'partitioner': 'key'})
    check(changed, made | {'age': 0, 'budget': 7, 'partitioner': 'key'}, 'a change')
    check(ynl.do('stream-get', {'name': 'orders'}), changed, 'a stream')
    listed = ynl.dump('stream-get', {})
    check([one['name'] for one in listed], ['default', 'orders'], 'the list')
    check(listed[1], changed, 'a listed stream')
    check({frozenset(one) | {'numa-node'} for one in listed},
          {frozenset(attributes_of(ynl, 'stream-get', 'dump'))}, 'what listed streams have')


def append(count):
    with open('/dev/streams/orders', 'wb', buffering=0) as node:
        for _ in range(count):
            node.write(b'x' * 100)


def check_purge(ynl):
    append(6)
    stream = ynl.do('stream-get', {'name': 'orders'})
    check_members(stream, retained=6, used=6 * 160)
    check_members(stream['counters'], records=6, appends=6, batches=0)
    check(ynl.do('stream-purge', {'name': 'orders', 'partition': 1,
                                  'incarnation': stream['incarnation']}), None, 'a purge')
    check([one['next-offset'] - one['oldest-offset']
           for one in ynl.dump('partition-get', {'stream': 'orders'})], [2, 0, 2], 'what is left')
    ynl.do('stream-purge', {'name': 'orders'})
    check_members(ynl.do('stream-get', {'name': 'orders'}), retained=0, used=0)


def test_commands():
    ynl = client()
    made = make_orders(ynl)
    check_node()
    check_partitions(ynl)
    check_set(ynl, made)
    check_purge(ynl)
    check(ynl.do('stream-delete', {'name': 'orders', 'incarnation': made['incarnation']}),
          None, 'a deletion')
    check([one['name'] for one in ynl.dump('stream-get', {})], ['default'], 'the list')
    check(os.path.exists('/dev/streams/orders'), False, 'the node')
    # Whatever is left open is what its documentation says.
    made = ynl.do('stream-new', {'name': 'orders'})
    check_members(made, partitions=1, ring_bytes=MIB, policy='overwrite', max_record=64 * KIB,
                  age=0, budget=0, partitioner='key', numa_node=None, uid=0, gid=0, mode=0o600)
    ynl.do('stream-delete', {'name': 'orders'})


# --- every refusal -----------------------------------------------------------------------


said = set()


def check_refused(error, words, got, **members):
    check(got.error, getattr(errno, error), words)
    extack = dict(got.nl_msg.extack or {})
    check(extack.get('msg'), words, f'{error}')
    said.add(words)
    # What the kernel adds of the attribute's documentation, or its policy, is not ours.
    told = {key: extack[key] for key in ('bad-attr', 'miss-type', 'miss-nest') if key in extack}
    check(told, members, words)


def ask(ynl, operation, values, dump=False):
    try:
        ynl.dump(operation, values) if dump else ynl.do(operation, values)
    except NlError as got:
        return got
    sys.exit(f'{operation} of {values} was not refused')


def refused(ynl, operation, values, error, words, bad=None, missing=None, dump=False):
    members = {}
    if bad:
        members['bad-attr'] = '.' + bad
    if missing:
        members['miss-type'] = missing
    check_refused(error, words, ask(ynl, operation, values, dump), **members)


def refuse_settings(ynl):
    def new(error, words, bad, **settings):
        values = {key.replace('_', '-'): value for key, value in settings.items()}
        refused(ynl, 'stream-new', {'name': 'new'} | values, error, words, bad)

    refused(ynl, 'stream-new', {}, 'EINVAL', 'the name of a stream is missing', missing='name')
    for name in ('default', 'orders'):
        new('EEXIST', 'there is a stream of this name already', 'name', name=name)
    for name in ('', '.', '..', 'a/b', 'a b', 'a!b'):
        new('EINVAL', 'a name is 1 to 63 of A-Z a-z 0-9 . _ - and neither . nor ..', 'name',
            name=name)
    for partitions in (0, 1025, 0xffffffff):
        new('EINVAL', 'the number of partitions must be from 1 to 1024', 'partitions',
            partitions=partitions)
    for ring in (0, 32 * KIB, 2 << 30, (1 << 64) - 1):
        new('EINVAL', 'a ring must have from 64 KiB to 1 GiB', 'ring-bytes', ring_bytes=ring)
    new('EINVAL', 'the size of a ring must be a power of two', 'ring-bytes', ring_bytes=65537)
    new('EINVAL', 'the policy must be overwrite, block or reject', 'policy', policy=3)
    new('EINVAL', 'the partitioner must be turn or key', 'partitioner', partitioner=2)
    for record in (0, 33):
        new('EINVAL', 'the largest record must be a multiple of 32 bytes', 'max-record',
            max_record=record)
    new('EINVAL', 'the largest record may have an eighth of a ring and 1 MiB at most',
        'max-record', max_record=8 * KIB + 32, ring_bytes=64 * KIB)
    for node in (77, 0xffffffff):
        new('EINVAL', 'there is no such NUMA node with memory', 'numa-node', numa_node=node)
    new('EINVAL', 'there is no such uid', 'uid', uid=0xffffffff)
    new('EINVAL', 'there is no such gid', 'gid', gid=0xffffffff)
    for mode in (0, 0o1666, 0o700, 1 << 16 | 0o600):
        new('EINVAL', 'a mode is of read and write bits, such as 0660, and not zero', 'mode',
            mode=mode)
    for lacking in ({'partition': 0}, {'offset': 0}, {}):
        new('EINVAL', 'a first offset needs both a partition and an offset', 'first-offset',
            first_offset=lacking)
    new('EINVAL', 'the stream will have no such partition: they count from 0',
        'first-offset.partition', partitions=2, first_offset={'partition': 2, 'offset': 0})
    new('EINVAL', 'a first offset must be below 2^62', 'first-offset.offset',
        first_offset={'partition': 0, 'offset': 1 << 62})
    for age in (1, 999999):
        new('EINVAL', 'an age must be at least a millisecond, or zero for none', 'age', age=age)


def refuse_limits(ynl):
    def limit(name, value, error, words, bad, ring=MIB):
        path = PARAMETERS + name
        with open(path, encoding='ascii') as file:
            before = file.read()
        with open(path, 'w', encoding='ascii') as file:
            file.write(str(value))
        refused(ynl, 'stream-new', {'name': 'new', 'uid': 7, 'ring-bytes': ring, 'partitions': 4},
                error, words, bad)
        with open(path, 'w', encoding='ascii') as file:
            file.write(before)

    limit('memory_limit', MIB, 'ENOSPC', 'all streams would take more than memory_limit: '
          'make smaller rings or raise that parameter of the module', 'ring-bytes')
    limit('uid_memory_limit', MIB, 'EDQUOT', "the owner's streams would take more than "
          'uid_memory_limit: make smaller rings or raise that parameter of the module', 'uid')
    limit('streams_limit', 2, 'ENOSPC', 'there are streams_limit streams: delete one or raise '
          'that parameter of the module', None)
    # Four of the largest rings, and no guest is as large.
    limit('memory_limit', '1T', 'ENOMEM', 'there is no memory for it: make fewer partitions or '
          'smaller rings', None, 1 << 30)


def refuse_identities(ynl, incarnation):
    for operation in ('stream-delete', 'stream-set', 'stream-get', 'stream-purge'):
        change = {'budget': 1} if operation == 'stream-set' else {}
        refused(ynl, operation, change, 'EINVAL', 'the name of a stream is missing',
                missing='name')
        refused(ynl, operation, change | {'name': 'nobody'}, 'ENOENT', 'there is no such stream',
                'name')
        if operation != 'stream-get':
            refused(ynl, operation, change | {'name': 'orders', 'incarnation': incarnation ^ 1},
                    'ESTALE', 'another stream has this name now: look again', 'incarnation')
    refused(ynl, 'stream-delete', {'name': 'default'}, 'EBUSY',
            'the default stream is there while the module is loaded: purge it, or unload', 'name')
    refused(ynl, 'stream-purge', {'name': 'orders', 'partition': 1}, 'EINVAL',
            'the stream has no such partition: they count from 0', 'partition')


def refuse_changes(ynl):
    refused(ynl, 'stream-set', {'name': 'orders'}, 'EINVAL',
            'nothing to change: give an age, a budget or a partitioner')
    refused(ynl, 'stream-set', {'name': 'orders', 'partitioner': 2}, 'EINVAL',
            'the partitioner must be turn or key', 'partitioner')
    refused(ynl, 'stream-set', {'name': 'orders', 'budget': 1, 'age': 1}, 'EINVAL',
            'an age must be at least a millisecond, or zero for none', 'age')
    for fixed in ('partitions', 'ring-bytes', 'policy', 'max-record', 'numa-node'):
        refused(ynl, 'stream-set', {'name': 'orders', 'budget': 1, fixed: SETTINGS[fixed]},
                'EOPNOTSUPP', 'this is fixed for life: delete the stream and make it anew', fixed)
    refused(ynl, 'stream-set', {'name': 'orders', 'first-offset': {'partition': 0, 'offset': 0}},
            'EOPNOTSUPP', 'this is fixed for life: delete the stream and make it anew',
            'first-offset')
    for owner in ('uid', 'gid', 'mode'):
        refused(ynl, 'stream-set', {'name': 'orders', 'budget': 1, owner: SETTINGS[owner]},
                'EOPNOTSUPP', "owner and mode are the node's: use chown and chmod", owner)


def refuse_partitions(ynl):
    refused(ynl, 'partition-get', {}, 'EINVAL', 'the name of a stream is missing',
            missing='stream')
    refused(ynl, 'partition-get', {'stream': 'orders'}, 'EINVAL',
            'the index of a partition is missing', missing='index')
    refused(ynl, 'partition-get', {'stream': 'orders', 'index': 1}, 'EINVAL',
            'the stream has no such partition: they count from 0', 'index')
    refused(ynl, 'partition-get', {'stream': 'nobody', 'index': 0}, 'ENOENT',
            'there is no such stream', 'stream')
    # 6.1 tells of lists no attribute that is to blame.
    got = ask(ynl, 'partition-get', {'stream': 'nobody'}, dump=True)
    check(got.error, errno.ENOENT, 'a list of nothing')
    check(got.nl_msg.extack['msg'], 'there is no such stream', 'a list of nothing')
    check(got.nl_msg.extack.get('bad-attr', '.stream'), '.stream', 'a list of nothing')


def refuse_by_policy(ynl):
    """The kernel's own words, of what the policies do not let through."""
    for operation, values, bad in (
            ('stream-get', {'name': 'orders', 'age': 1}, '.age'),
            ('stream-delete', {'name': 'orders', 'partition': 0}, '.partition'),
            ('stream-purge', {'name': 'orders', 'age': 0}, '.age'),
            ('stream-new', {'name': 'new', 'incarnation': 1}, '.incarnation'),
            ('stream-new', {'name': 'n' * 64}, '.name'),
            ('partition-get', {'stream': 'orders', 'index': 0, 'head': 0}, '.head')):
        got = ask(ynl, operation, values)
        if got.error not in (errno.EINVAL, errno.ERANGE) or not got.nl_msg.extack['msg']:
            sys.exit(f'{operation} of {values}: {got}')
        check(got.nl_msg.extack['bad-attr'], bad, f'{operation} of {values}')


def refuse_nobody(ynl):
    os.seteuid(NOBODY)
    for operation, values in (('stream-new', {'name': 'new'}), ('stream-delete', {'name': 'orders'}),
                              ('stream-set', {'name': 'orders', 'budget': 1}),
                              ('stream-purge', {'name': 'orders'})):
        check(ask(ynl, operation, values).error, errno.EPERM, operation)
    os.seteuid(0)


def words_of_the_module():
    """Each literal that is given for a reason."""
    begin = r'(?:NL_SET_ERR_MSG_ATTR|GENL_SET_ERR_MSG|NL_SET_ERR_MSG|ringlog_refuse|\.words =)'
    words = set()
    for path in glob.glob(KMOD + '/*.c'):
        if path.endswith('_kunit.c'):
            continue
        with open(path, encoding='utf-8') as file:
            words |= set(re.findall(begin + r'[^";]*"([^"]+)"', file.read()))
    return words


def test_refusals():
    ynl = client()
    made = ynl.do('stream-new', {'name': 'orders', 'ring-bytes': 64 * KIB})
    refuse_settings(ynl)
    refuse_limits(ynl)
    refuse_identities(ynl, made['incarnation'])
    refuse_changes(ynl)
    refuse_partitions(ynl)
    refuse_by_policy(ynl)
    refuse_nobody(ynl)
    # None of it changed anything.
    check(ynl.do('stream-get', {'name': 'orders'}), made, 'the stream')
    check([one['name'] for one in ynl.dump('stream-get', {})], ['default', 'orders'], 'the list')
    check(words_of_the_module() - UNREACHED, said, 'all the words that there are')
    ynl.do('stream-delete', {'name': 'orders'})


# --- events ------------------------------------------------------------------------------


def check_event(listener, name, wanted):
    while not listener.async_msg_queue:
        if not select.select([listener.sock], [], [], PATIENCE)[0]:
            sys.exit(f'no {name} came')
        listener.check_ntf()
    check(listener.async_msg_queue.pop(0), {'name': name, 'msg': wanted}, name)


def lose_something():
    with open('/dev/streams/orders', 'r+b', buffering=0) as node:
        for _ in range(2 * 64 * KIB // 1024):
            node.write(b'x' * 1024)
        try:
            node.read(4096)
        except BrokenPipeError:
            # How much it was is told with what comes after it.
            check(node.read(4096), b'x' * 1024, 'a record')
            return
    sys.exit('nothing was lost')


def test_events():
    ynl, listener = client(), client()
    listener.ntf_subscribe('events')
    made = ynl.do('stream-new', {'name': 'orders', 'ring-bytes': 64 * KIB})
    check_event(listener, 'stream-new-ntf', made)
    changed = ynl.do('stream-set', {'name': 'orders', 'budget': 9})
    check_event(listener, 'stream-set-ntf', changed)
    ynl.do('stream-purge', {'name': 'orders'})
    check_event(listener, 'stream-purge-ntf', changed)

    lose_something()
    lost = ynl.do('stream-get', {'name': 'orders'})['counters']['lost']
    check_event(listener, 'loss-ntf', {'stream': 'orders', 'lost': lost, 'expired': 0})

    last = ynl.do('stream-get', {'name': 'orders'})
    ynl.do('stream-delete', {'name': 'orders'})
    check_event(listener, 'stream-delete-ntf', last)
    check(listener.async_msg_queue, [], 'more events')


def main():
    tests = {'commands': test_commands, 'refusals': test_refusals, 'events': test_events}
    tests[TEST]()


main()
