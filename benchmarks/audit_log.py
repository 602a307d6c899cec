"""Time and memory of a log of verdicts from the file to its effects and reports, as a Markdown table.

Each cell runs in a process of its own, so that its peak is its own; nothing else should be running.

Usage: python benchmarks/audit_log.py [--rows 250000 1000000 4000000] [--format jsonl csv parquet] [--seed 1]
"""

import argparse
import csv
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, str]


def rows(count: int, seed: int) -> Iterator[Row]:
    """Verdicts on half as many items, each in both orders, with gold and source; one in twenty is a tie."""
    rng = random.Random(seed)  # noqa: S311  # a log, no secret
    for item in range(count // 2):
        gold = rng.choice("ab")
        for order in ("ab", "ba"):
            draw = rng.random()
            verdict = "tie" if draw < 0.05 else ("a" if draw < 0.6 else "b")
            yield {
                "item_id": f"bench/question-{item:07d}",
                "judge": "judge",
                "order": order,
                "verdict": verdict,
                "gold": gold,
                "source": f"source-{item % 100}",
            }


def generate(path: Path, count: int, seed: int) -> None:
    """Write a log; its ending tells the format."""
    names = list(next(rows(2, seed)))
    if path.suffix == ".parquet":
        schema = pa.schema([(name, pa.string()) for name in names])
        found = rows(count, seed)
        with pq.ParquetWriter(path, schema) as writer:
            while batch := list(
                islice(found, 100_000)
            ):  # a process that starts another lends it its own peak
                writer.write_table(pa.Table.from_pylist(batch, schema))
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        if path.suffix == ".csv":
            table = csv.DictWriter(file, names)
            table.writeheader()
            table.writerows(rows(count, seed))
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows(count, seed))


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(path: Path) -> None:
    """Import, analyse and report one log, and print seconds, CPU seconds and peaks as JSON."""
    start, cpu = time.perf_counter(), time.process_time()
    from judgebench.audit import analyze, audit_of, import_recordings
    from judgebench.report.said import said_of
    from judgebench.report.write import write_reports

    (run,) = import_recordings(path, "tidy", path.parent / f"{path.name}-out")
    found = {"import_s": time.perf_counter() - start, "import_mb": peak()}
    audit = audit_of(analyze(run.path))
    found |= {"analyse_s": time.perf_counter() - start - found["import_s"], "analyse_mb": peak()}
    write_reports(run.path, [audit])
    said_of(audit)
    found |= {"all_s": time.perf_counter() - start, "all_mb": peak(), "cpu_s": time.process_time() - cpu}
    print(json.dumps(found))


def table(counts: list[int], formats: list[str], seed: int) -> Iterator[str]:
    """The rows of the table."""
    yield "| log | rows | import, s | analyse, s | all, s | CPU, s | peak after import, MB | after analysis, MB |"
    yield "|---" * 8 + "|"
    with tempfile.TemporaryDirectory() as folder:
        for form in formats:
            for count in counts:
                path = Path(folder, f"log-{count}.{form}")
                generate(path, count, seed)
                command = [sys.executable, __file__, "--measure", str(path)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                f = json.loads(done.stdout)
                yield (
                    f"| {form} | {count:,} | {f['import_s']:.1f} | {f['analyse_s']:.1f} | {f['all_s']:.1f} "
                    f"| {f['cpu_s']:.1f} | {f['import_mb']:.0f} | {f['analyse_mb']:.0f} |"
                )
                path.unlink()


def main() -> None:
    """Print the table and the machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[250_000, 1_000_000, 4_000_000])
    parser.add_argument("--format", nargs="+", default=["jsonl", "csv", "parquet"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure)
        return
    for line in table(arguments.rows, arguments.format, arguments.seed):
        print(line, flush=True)
    print(
        f"\nPython {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end."
    )


if __name__ == "__main__":
    main()
