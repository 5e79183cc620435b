import asyncio

from generated.my_project.trainers import Polite


async def main() -> None:
    print(await Polite().fetch("name"))
    print([i async for i in Polite().stream(2)])


asyncio.run(main())
iterator = Polite().lines(2)
print("made")
print(list(iterator))
