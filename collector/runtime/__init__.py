"""The asyncio shell: schedule, stop, reload, health."""
