"""What is promised of the image: docs/deploy.md."""

import json
import re
import tarfile

from engine import ROOT
from harness_server import eventually

READ_ONLY = ("run", "--rm", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
SIZE_OVER_BASE_MAX = 45_000_000
COMPILERS = re.compile(r"(^|/)(usr/bin/(.*-)?(gcc|g\+\+|cc|c\+\+|clang|ld|as|make|cmake|ninja|node|npm|git)(-[0-9.]+)?|.*/cc1(plus)?)$")


def files_over_base(engine, image, folder):
    """{name: content}, of every layer that the base has not."""
    below = len(engine.inspect("debian:12-slim")["RootFS"]["Layers"])
    engine.docker("save", "--output", folder / "image.tar", image)
    files = {}
    with tarfile.open(folder / "image.tar") as archive:
        for name in json.load(archive.extractfile("manifest.json"))[0]["Layers"][below:]:
            with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                files |= {member.name: layer.extractfile(member).read() if member.isfile() else b"" for member in layer.getmembers()}
    return files


def test_it_runs_as_nobody_special_and_says_what_it_is(engine, image):
    config = engine.inspect(image)["Config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["edda"] and config["Cmd"] == ["serve"]
    assert config["Healthcheck"]["Test"] == ["CMD", "edda", "health"]
    labels = {name.rsplit(".", 1)[1]: value for name, value in config["Labels"].items() if name.startswith("org.opencontainers.image.")}
    version = re.search(r"project\(edda VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert labels["version"] == version and labels["licenses"] == "MIT"
    assert re.fullmatch("[0-9a-f]{40}|unknown", labels["revision"]) and re.fullmatch(r"20\d\d-.*Z", labels["created"])
    assert engine.docker(*READ_ONLY, image, "version") == f"edda {version}"


def test_it_is_small(engine, image):
    size = engine.inspect(image)["Size"] - engine.inspect("debian:12-slim")["Size"]
    print(f"over its base: {size / 1e6:.1f} MB")
    assert size <= SIZE_OVER_BASE_MAX


def test_no_layer_holds_a_compiler_a_secret_or_what_belongs_to_the_build(engine, image, tmp_path):
    files = files_over_base(engine, image, tmp_path)
    assert "usr/local/bin/edda" in files
    assert [name for name in files if COMPILERS.search(name)] == []
    assert [name for name in files if name.startswith("source/") or name.endswith((".git", ".deb", ".env"))] == []
    keys = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]{20}")
    assert [name for name, content in files.items() if keys.search(content)] == []
    history = engine.docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image)
    assert not re.search("(?i)password|secret=|token", history)
    assert not [line for line in engine.inspect(image)["Config"]["Env"] if re.search("(?i)password|secret|token", line)]


def test_its_bill_of_materials_lists_what_is_in_it(engine, image):
    def inside(command):
        return engine.docker(*READ_ONLY, "--entrypoint", "bash", image, "-c", command)

    document = json.loads(inside("cat /usr/share/doc/edda/sbom.spdx.json"))
    assert document["spdxVersion"] == "SPDX-2.3" and document["dataLicense"] == "CC0-1.0"
    ids = [package["SPDXID"] for package in document["packages"]]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.\-]+", one) for one in ids)
    assert {relation["relatedSpdxElement"] for relation in document["relationships"]} == set(ids)
    installed = set(inside("dpkg-query -W -f '${Package}|${Version}\\n'").split())
    packages = {f"{package['name']}|{package['versionInfo']}" for package in document["packages"] if package["SPDXID"].startswith("SPDXRef-debian-")}
    assert packages == installed and any(name.startswith("libpq5|") for name in packages)
    compiled_in = {package["name"] for package in document["packages"] if package["SPDXID"].startswith("SPDXRef-in-edda-")}
    assert {"Boost", "CLI11", "fmt", "toml++", "Swagger UI"} <= compiled_in


def test_it_serves_from_a_read_only_root_and_stops_in_order(engine, image):
    name = engine.docker("run", "--detach", "--name", "edda-alone", *READ_ONLY[2:], image)
    try:
        eventually(lambda: engine.inspect(name)["State"]["Health"]["Status"] == "healthy", "it is healthy", 60)
        listing = engine.docker("exec", name, "bash", "-c", "find /data ! -uid 10001; touch /here 2>&1; true")
        assert "Read-only file system" in listing and "/data" not in listing
        engine.docker("stop", "--time", "20", name)
        assert engine.inspect(name)["State"]["ExitCode"] == 0
    finally:
        engine.docker("rm", "--force", "--volumes", "edda-alone")
