"""`make bench`: the floor and the hub in one run, written to `bench/latest.json`.

Each figure is a ratio or a difference within the run; none is compared with another machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import resource
import tempfile
import time
from pathlib import Path

from rich.console import Console

from bench import console, floor, latency, lists, papers, reports, whole
from gateway.hub import utc_now
from gateway.seal.keys import new_key

LATEST = Path(__file__).with_name("latest.json")
out = Console(highlight=False)


def main() -> None:
    """Measure everything and write it down."""
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--messages", type=int, default=3_000, help="for the processor's cost")
    options.add_argument("--growth", type=int, default=20_000, help="for the memory's growth")
    options.add_argument(
        "--console", type=int, default=console.MANY, help="messages stored, for the console's pages"
    )
    asked = options.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="passavant-bench-") as name:
        folder = Path(name)
        for part in ("whole", "http", "lists", "reports", "console", "again"):
            (folder / part).mkdir()
        bare = floor.measure(folder, *new_key("floor", 30, utc_now()))
        out.print(f"floor            {bare.total * 1e3:8.3f} ms of processor time per message")
        figures = asyncio.run(whole.measure(folder / "whole", asked.messages, asked.growth))
        out.print(f"hub              {figures.cpu * 1e3:8.3f} ms, without HTTP")
        with_http = latency.measure(folder / "http", 2_000)
        out.print(f"hub over HTTP    {with_http.cpu * 1e3:8.3f} ms")
        dearer = asyncio.run(lists.measure(folder / "lists"))
        out.print(
            f"lists            {dearer:8.2f} times as dear, {lists.MANY} licences to {lists.FEW}"
        )
        counted = asyncio.run(reports.measure(folder / "reports"))
        out.print(
            f"reports          {counted:8.2f} times as dear,"
            f" {reports.MANY} dossiers to {reports.FEW}"
        )
        pages = asyncio.run(console.measure(folder / "console", asked.console))
        dearest = max(pages, key=lambda name: pages[name])
        out.print(
            f"console          {pages[dearest]:8.2f} times as dear at most ({dearest}),"
            f" {asked.console} messages to {console.FEW}"
        )
        paper = asyncio.run(papers.measure())
        out.print(
            f"sealed paper     {paper.paper * 1e3:8.1f} ms, of it bare {paper.floor * 1e3:.1f} ms"
        )
        again = floor.measure(folder / "again", *new_key("floor", 30, utc_now()))
    least = min(bare.total, again.total)
    found = {
        "at": utc_now().isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "cpu_over_floor": round(figures.cpu / least, 2),
        "cpu_over_floor_http": round(with_http.cpu / least, 2),
        "messages_per_second_per_core": round(1 / figures.cpu),
        "receipt_p99_over_p50": round(with_http.p99 / with_http.p50, 2),
        "receipt_p50_ms": round(with_http.p50 * 1e3, 2),
        "list_cost_ratio": round(dearer, 2),
        "report_cost_ratio": round(counted, 2),
        "console_cost_ratio": round(pages[dearest], 2),
        "console_messages": asked.console,
        "console_pages": {name: round(ratio, 2) for name, ratio in pages.items()},
        "certificate_cpu_ms": round(paper.paper * 1e3, 1),
        "certificate_floor_ms": round(paper.floor * 1e3, 1),
        "rss_growth_mb": round(figures.growth_mb, 1),
        "rss_growth_messages": asked.growth,
        "floor_ms": {
            part: round(getattr(bare, part) * 1e3, 4)
            for part in ("parse", "validate", "verify", "sign", "commit", "total")
        },
        "seconds": round(time.monotonic() - started),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    LATEST.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    out.print_json(data=found)


if __name__ == "__main__":
    main()
