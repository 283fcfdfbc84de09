# What is said about a run of strip_real, and does it pass?
#
# The table, the limits, peak memory, and where a peer wrote a smaller file that is still the same program: the list of what is
# left to do.

import collections
import json
import os
import re

MINE, LLVM, GNU = "lambdapack", "llvm-strip-19 --strip-unneeded", "GNU strip --strip-unneeded"
CPU_LIMIT = 0.5      # of llvm-strip-19's, a process per file
MEMORY_LIMIT = 3.0   # of the file, above what the program takes for a tiny one
MEMORY_SLACK = 1 << 20  # bytes: pages that the kernel maps around those that are touched, and the allocator's, differ from run to run
WORST = 20


def summary(files, tool):
    originals = [file.path.stat().st_size for file in files]
    return {"bytes": sum(tool["sizes"]), "unloadable": len(tool["unloadable"]), "changed": len(tool["changed"]),
            "grown": sum(size > original for size, original in zip(tool["sizes"], originals)),
            "cpu_seconds": tool["cpu_seconds"], "files": len(files),
            "changes": dict(collections.Counter(tool["changed"].values())),
            "refused": tool["notes"] if isinstance(tool["notes"], int) else 0,
            "unloadable_files": [[shown(files[number]), why] for number, why in list(tool["unloadable"].items())[:20]],
            "changed_files": [[shown(files[number]), why] for number, why in list(tool["changed"].items())[:20]]}


def shown(file):
    return f"{file.root.name}/{file.path.relative_to(file.root)}"


def smaller_at_peers(files, tools):
    """[(bytes, file, peer, my outcome)], most first, where a peer's sound result is smaller than mine."""
    mine, found = tools[MINE], []
    for number, file in enumerate(files):
        sound = [(tool["sizes"][number], name) for name, tool in tools.items()
                 if name != MINE and number not in tool["unloadable"] and number not in tool["changed"]]
        if sound and min(sound)[0] < mine["sizes"][number]:
            found.append((mine["sizes"][number] - min(sound)[0], shown(file), min(sound)[1].split()[0], mine["notes"][number]))
    return sorted(found, reverse=True)


def outcome_kind(outcome):
    return re.sub(r"[\d,]+", "N", outcome.split("(")[0].strip()) if outcome.startswith("kept") else "stripped"


def limits(files, tools, memory):
    """(what, value, limit, whether it holds)."""
    mine = summary(files, tools[MINE])
    rows = [(f"lambdapack: {what}", mine[what], 0, mine[what] == 0) for what in ("unloadable", "grown", "changed")]
    constant, peaks = memory
    worst = max((peak - constant - MEMORY_SLACK) / size for _, size, peak in peaks)
    rows.append((f"peak memory above {constant + MEMORY_SLACK >> 20} MiB / size of the file", round(worst, 2), MEMORY_LIMIT, worst <= MEMORY_LIMIT))
    if LLVM in tools:
        size = sum(tools[LLVM]["sizes"])
        rows.append(("bytes / llvm-strip-19's", round(mine["bytes"] / size, 5), 1, mine["bytes"] <= size))
        cpu = mine["cpu_seconds"] / tools[LLVM]["cpu_seconds"]
        rows.append(("CPU / llvm-strip-19's", round(cpu, 3), CPU_LIMIT, cpu <= CPU_LIMIT))
    if GNU in tools:
        good = [number for number in range(len(files)) if number not in tools[GNU]["unloadable"]]
        ours, theirs = (sum(tools[name]["sizes"][number] for number in good) for name in (MINE, GNU))
        rows.append((f"bytes / GNU strip's, of the {len(good):,} files it left loadable", round(ours / theirs, 5), 1, ours <= theirs))
    return rows


def write_report(files, before, tools, memory, date, folder, command):
    """Prints it; with a folder, writes DATE-strip-real.md and .json. The exit status."""
    total = sum(file.path.stat().st_size for file in files)
    rows = limits(files, tools, memory)
    summaries = {name: summary(files, tool) for name, tool in tools.items()}
    worse = smaller_at_peers(files, tools)
    kinds = dict(collections.Counter(word.split(":")[0] for word in before).most_common())
    lost = collections.Counter()
    for saved, _, _, outcome in worse:
        lost[outcome_kind(outcome)] += saved
    text = markdown(len(files), total, kinds, summaries, rows, memory, worse, lost, tools[MINE]["notes"], command)
    print(text)
    if folder:
        data = {"command": command, "files": len(files), "bytes_before": total, "before": kinds, "tools": summaries,
                "limits": [dict(zip(("what", "value", "limit", "holds"), row)) for row in rows],
                "memory": {"constant": memory[0], "peaks": [[shown(file), size, peak] for file, size, peak in memory[1]]},
                "outcomes": dict(collections.Counter(map(outcome_kind, tools[MINE]["notes"])).most_common()),
                "smaller_at_peers": {"files": len(worse), "bytes": sum(row[0] for row in worse), "by_outcome": dict(lost.most_common()),
                                     "largest": worse[:100]}}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{date}-strip-real.md").write_text(text)
        (folder / f"{date}-strip-real.json").write_text(json.dumps(data, indent=1, sort_keys=True) + "\n")
    failed = [row for row in rows if not row[3]]
    print(f"{len(rows) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return lines + ["| " + " | ".join(f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell) for cell in row) + " |"
                    for row in rows]


def markdown(count, total, kinds, summaries, rows, memory, worse, lost, outcomes, command):
    processors = os.cpu_count()
    parts = [
        "# Strip of real files: lambdapack, llvm-strip, GNU strip", "",
        f"`{command}`: {count:,} distinct ELF files, {total:,} bytes, {processors} processors, all tools in one run. Asked of each original and each "
        "changed result: the real loader (glibc and musl, x86_64, and arm64 under qemu-user). Of the originals: "
        + ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())
        + " (`mapped`: only libraries or symbols are missing here; `ran`: its output is compared).", "",
        "`changed`: exit status 0, and a loaded byte, a program header, an appended payload or the name of a loaded section is another; `refused`: the tool "
        "gave an error, and the file was copied.", ""]
    names = ("bytes", "unloadable", "grown", "changed", "refused", "cpu_seconds", "files")
    parts += table(["tool", *names[:5], "CPU s", "files"], [[name, *(tool[key] for key in names)] for name, tool in summaries.items()])
    changes = [f"{name}: " + ", ".join(f"{number:,} {kind}" for kind, number in tool["changes"].items())
               for name, tool in summaries.items() if tool["changes"]]
    parts += ["", "What changed: " + "; ".join(changes) + "." if changes else "", "", "## Limits", ""]
    parts += table(["what", "value", "limit", ""], [[what, value, limit, "holds" if good else "**missed**"] for what, value, limit, good in rows])
    parts += ["", "## What lambdapack did", ""]
    parts += table(["outcome", "files"], collections.Counter(map(outcome_kind, outcomes)).most_common())
    if worse:
        parts += ["", "## Where a peer's sound result is smaller", "",
                  f"{len(worse):,} files, {sum(row[0] for row in worse):,} bytes: "
                  + "; ".join(f"{saved:,} {kind}" for kind, saved in lost.most_common(12)) + ".", ""]
        parts += table(["bytes", "file", "peer", "lambdapack's word"], worse[:WORST])
    constant, peaks = memory
    parts += ["", "## Peak memory", "", f"Of a process of its own for each of the {len(peaks)} largest files, the mapped file counted; {constant >> 10:,} KiB go "
              "to the program itself (a tiny file's peak). The five highest ratios:", ""]
    highest = sorted(peaks, key=lambda row: (constant - row[2]) / row[1])[:5]
    parts += table(["file", "bytes", "peak, bytes", "ratio above the program's own"],
                   [[shown(file), size, peak, f"{(peak - constant) / size:.2f}"] for file, size, peak in highest])
    return "\n".join(parts) + "\n"
