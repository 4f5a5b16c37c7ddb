#!/usr/bin/env python3
"""archive.py FOLDER: FOLDER/images.tar (docker archive) with the images below. Their layers, root and edda, are in it once, and the large
one is packed anew only when it has changed."""

import hashlib
import io
import json
import os
import pathlib
import sys
import tarfile

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
IMAGES = {
    "postgres:15": (["root"], {"Entrypoint": ["postgres.sh"], "Env": [PATH, "LANG=C.UTF-8"], "User": "999:999", "StopSignal": "SIGINT"}),
    "redis:7": (["root"], {"Cmd": ["redis-server"], "Env": [PATH], "User": "999:999", "WorkingDir": "/data"}),
    "apache/kafka:3.9.1": (["root"], {"Entrypoint": ["kafka.sh"], "Env": [PATH], "User": "1000:1000"}),
    "edda:0.1.0": (["root", "edda"], {"Entrypoint": ["edda"], "Env": [PATH], "User": "10001:10001"}),
}
# A second release of Edda, for rolling updates: the same program.
IMAGES["edda:0.1.1"] = IMAGES["edda:0.1.0"]


def newest_change(tree):
    return max(os.lstat(os.path.join(where, name)).st_mtime_ns for where, folders, files in os.walk(tree) for name in folders + files)


def packed(folder, name):
    """(file, digest) of the layer that holds folder/name."""
    layer, tree = folder / f"{name}.layer", folder / name
    if not layer.exists() or layer.stat().st_mtime_ns < newest_change(tree):
        with tarfile.open(layer, "w") as tar:
            for entry in sorted(tree.iterdir()):
                tar.add(entry, entry.name, recursive=entry.name not in ("proc", "sys", "dev"))
    with layer.open("rb") as file:
        return layer, hashlib.file_digest(file, "sha256").hexdigest()


def add_text(tar, name, text):
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    tar.addfile(entry, io.BytesIO(text))


def main(folder):
    layers = {name: packed(folder, name) for names, _ in IMAGES.values() for name in names}
    wanted = {tag: image for tag, image in IMAGES.items() if not (os.environ.get("EDDA_IMAGE") and tag.startswith("edda:"))}
    manifest = []
    with tarfile.open(folder / "images.tar", "w") as tar:
        for file, digest in layers.values():
            tar.add(file, f"{digest}/layer.tar")
        for tag, (names, settings) in wanted.items():
            digests = [layers[name][1] for name in names]
            about = json.dumps({"architecture": "amd64", "os": "linux", "config": settings, "history": [{"created_by": tag}] * len(names),
                                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]}}).encode()
            config = hashlib.sha256(about).hexdigest() + ".json"
            if config not in {one["Config"] for one in manifest}:
                add_text(tar, config, about)
            manifest.append({"Config": config, "RepoTags": [tag], "Layers": [f"{digest}/layer.tar" for digest in digests]})
        add_text(tar, "manifest.json", json.dumps(manifest).encode())


main(pathlib.Path(sys.argv[1]))
