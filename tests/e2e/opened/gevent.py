import gevent
from gevent import monkey

monkey.patch_all()
from gevent.libuv import loop as libuv  # noqa: E402
from gevent.resolver import cares  # noqa: E402

print(gevent.spawn(lambda: 42).get(), gevent.config.loop.__name__, libuv.__name__, cares.__name__)
