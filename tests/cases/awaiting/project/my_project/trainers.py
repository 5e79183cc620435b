"""Events that are awaited, and events that make iterators."""

from collections.abc import AsyncIterator, Iterator

from arctic_codegen import CallbackMixin


class Source(CallbackMixin):
    async def fetch(self, name: str) -> str:
        return f"<{name}>"

    def lines(self, count: int) -> Iterator[int]:
        print("lines begins")
        yield from range(count)

    async def stream(self, count: int) -> AsyncIterator[int]:
        for i in range(count):
            yield i


class Polite(Source):
    callbacks = [
        ("pre-lines", lambda self, count: count + 1),
        ("post-lines", lambda self, iterator: map(str, iterator)),
        ("pre-stream", lambda self, count: count * 2),
    ]

    async def pre_fetch_callback(self, name: str) -> str:
        return name.upper()

    def post_fetch_callback(self, text: str) -> str:
        return text + "!"
