"""clang-tidy over the files of a build that lie in the given folders, two at a time: tidy.py BUILD FOLDER... [-- OPTIONS]

A file is checked again only when it, a header it includes, the checks or the compile command changed; the build must be up to date.
"""
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys


def included_files(build):
    """object file -> the files it was compiled from, as ninja recorded them."""
    deps, current = {}, None
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        if line.startswith("    "):
            current.append(os.path.normpath(os.path.join(build, line.strip())))
        elif ": #deps" in line:
            current = deps.setdefault(line.split(": #deps")[0], [])
    return deps


def main(arguments):
    options = []
    if "--" in arguments:
        split = arguments.index("--")
        arguments, options = arguments[:split], arguments[split + 1:]
    build, folders = arguments[0], tuple(os.path.abspath(folder) + os.sep for folder in arguments[1:])
    tidy = shutil.which("clang-tidy-19") or shutil.which("clang-tidy")
    stamps = os.path.join(build, "tidy")
    os.makedirs(stamps, exist_ok=True)

    root = os.getcwd() + os.sep
    generated = os.path.abspath(build) + os.sep
    contents = {}

    def content(path):
        if path not in contents:
            with open(path, "rb") as file:
                contents[path] = file.read()
        return contents[path]

    def check(entry, dependencies):
        key = hashlib.sha256(json.dumps([entry["command"], options]).encode() + content(".clang-tidy"))
        for path in sorted({entry["file"], *(os.path.abspath(path) for path in dependencies)}):
            # The system's headers change with the compiler only.
            if path.startswith(root):
                key.update(path.encode() + b"\0" + content(path))
        stamp = os.path.join(stamps, key.hexdigest())
        if os.path.exists(stamp):
            return True
        run = subprocess.run([tidy, "-p", build, "--quiet", *options, entry["file"]], capture_output=True, text=True)
        if run.returncode == 0:
            open(stamp, "w").close()
            return True
        print(run.stdout + "\n".join(line for line in run.stderr.splitlines() if "generated." not in line), flush=True)
        return False

    with open(os.path.join(build, "compile_commands.json")) as file:
        entries = [e for e in json.load(file) if e["file"].startswith(folders) and not e["file"].startswith(generated)]
    deps = included_files(build)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda e: check(e, deps.get(e.get("output") or e["command"].split(" -o ")[1].split()[0], [])), entries))
    print(f"{len(results)} files, {results.count(False)} with findings")
    return 0 if results and all(results) else 1


sys.exit(main(sys.argv[1:]))
