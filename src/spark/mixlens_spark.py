"""What the executors of Spark run for mixlens.

An executor copies blocks of rows from where all of them are kept to its own disk, by number and checksum, and has
`mixlens worker` find their sums. This text is sent with every query: executors need nothing of it installed.
"""


def refuse(expected, got, then):
    """Fails the task, with what the client says of it."""
    import json

    raise RuntimeError("mixlens:" + json.dumps([expected, got, then]) + ":mixlens")


def store(place):
    """The file system that all blocks are kept on, and their folder there."""
    from urllib.parse import unquote

    from pyarrow import fs

    if place.startswith("file:"):
        return fs.LocalFileSystem(), "/" + unquote(place[5:]).lstrip("/")
    if place.startswith("/"):
        return fs.LocalFileSystem(), place
    return fs.FileSystem.from_uri(place)


def numbers_in(batches):
    return [number for batch in batches for number in batch.column(0).to_pylist()]


def answer(numbers, found):
    import pyarrow as pa

    columns = [pa.array(numbers, pa.int64()), pa.array(found, pa.binary())]
    return pa.RecordBatch.from_arrays(columns, names=["number", "found"])


def listing(task):
    """Tells which blocks are kept: how many bytes each has, and its name."""

    def run(batches):
        from pyarrow import fs

        if not numbers_in(batches):
            return
        files, folder = store(task["place"])
        kept = files.get_file_info(fs.FileSelector(folder, allow_not_found=True))
        blocks = [info for info in kept if info.is_file]
        yield answer([block.size for block in blocks], [block.base_name.encode() for block in blocks])

    return run


def keeping(task):
    """Keeps blocks that the client sends, each whole or not at all."""

    def run(batches):
        import uuid

        files, folder = store(task["place"])
        for batch in batches:
            for number, tiles in zip(batch.column(0).to_pylist(), batch.column(1)):
                files.create_dir(folder, recursive=True)
                draft = folder + "/." + uuid.uuid4().hex
                with files.open_output_stream(draft) as stream:
                    stream.write(tiles.as_buffer())
                files.move(draft, folder + "/" + task["names"][str(number)])
                yield answer([number], [b""])

    return run


def sum_in(name):
    """The checksum in the name of a block's file."""
    return int(name[-14:-6], 16)


def here(task, number):
    """The file of a block on this executor's disk, which is copied there if it is not."""
    import os
    import tempfile
    import uuid
    import zlib

    name = task["names"][str(number)]
    # Those of the executor, which it removes at its end.
    own = os.environ.get("SPARK_LOCAL_DIRS", tempfile.gettempdir()).split(",")[0]
    folder = os.path.join(own, "mixlens-blocks", task["rows"]["sha256"])
    path = os.path.join(folder, name)
    if os.path.exists(path):
        return path
    files, place = store(task["place"])
    try:
        with files.open_input_stream(place + "/" + name) as stream:
            tiles = stream.read()
    except FileNotFoundError:
        then = "set spark.sql.warehouse.dir to a place that all executors see"
        refuse("block %d in %s" % (number, task["place"]), "none there", then)
    if zlib.crc32(tiles) != sum_in(name):
        refuse("block %d as it was kept" % number, "a damaged one", "remove %s/%s, and run it again" % (place, name))
    os.makedirs(folder, exist_ok=True)
    draft = os.path.join(folder, "." + uuid.uuid4().hex)
    with open(draft, "wb") as file:
        file.write(tiles)
    os.replace(draft, path)
    return path


def worker():
    """The `mixlens worker` of this process of Python's, which goes on to its next task; none where there is no mixlens."""
    import shutil
    import subprocess
    import sys
    import types

    kept = sys.modules.setdefault("mixlens_worker", types.ModuleType("mixlens_worker"))
    if getattr(kept, "run", None) is None or kept.run.poll() is not None:
        found = shutil.which("mixlens")
        if found is None:
            return None
        pipe = subprocess.PIPE
        kept.run = subprocess.Popen([found, "worker"], stdin=pipe, stdout=pipe, stderr=pipe)
    return kept.run


def asked(request, count):
    """So many answers of `mixlens worker`, and what it said if it failed."""
    import json
    import struct

    run = worker()
    if run is None:
        return None, "no program mixlens on the PATH"
    answers = []
    try:
        run.stdin.write(json.dumps(request).encode() + b"\n")
        run.stdin.flush()
        for _ in range(count):
            (length,) = struct.unpack("<I", run.stdout.read(4))
            answers.append(run.stdout.read(length))
        return answers, None
    except (BrokenPipeError, struct.error):
        _, said = run.communicate()
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    how = "exit code %d" % run.returncode if run.returncode >= 0 else "signal %d" % -run.returncode
    return None, "%s: %s" % (how, lines[-1] if lines else "nothing was said")


def sums_of(task, numbers):
    """The sums of blocks. A worker ends at a block that is damaged here, and removes it: it is copied anew, each once."""
    import os

    for _ in range(1 + len(numbers)):
        files = [here(task, number) for number in numbers]
        blocks = [{"number": n, "file": f, "sum": sum_in(f)} for n, f in zip(numbers, files)]
        sums, fault = asked(dict(task, blocks=blocks, names=None), len(blocks))
        if fault is None or all(os.path.exists(file) for file in files):
            break
    return sums, fault


def summing(task):
    """Finds the sums of a step over each of some blocks."""

    def run(batches):
        import socket

        numbers = numbers_in(batches)
        if not numbers:
            return
        sums, fault = sums_of(task, numbers)
        if fault is not None:
            then = "npm install --global mixlens@%s on every executor" % task["mixlens"]
            refuse("the sums of `mixlens worker` on the executor %s" % socket.gethostname(), fault, then)
        yield answer(numbers, sums)

    return run


def looking(task):
    """Tells what an executor has of what it needs."""

    def run(batches):
        import json
        import os
        import platform
        import socket

        import pyarrow
        import pyspark

        numbers = numbers_in(batches)
        if not numbers:
            return
        found, fault = asked({"look": True}, 1)
        state = {
            "executor": "%s, process %d" % (socket.gethostname(), os.getppid()),
            "python": platform.python_version(),
            "pyspark": pyspark.__version__,
            "pyarrow": pyarrow.__version__,
            "worker": None if found is None else json.loads(found[0]),
            "fault": fault,
        }
        yield answer(numbers, [json.dumps(state).encode()] * len(numbers))

    return run
