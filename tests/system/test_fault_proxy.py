"""`edda fault-proxy` as a program; what it does to connections is tested where its parts are (tests/unit/fault_proxy_test.cpp)."""

import subprocess

import requests

from harness_fault_proxy import FaultProxy


def test_it_passes_on_goes_wrong_and_ends_by_sigterm(binary, server):
    proxy = FaultProxy(binary, server.port)
    url = f"http://127.0.0.1:{proxy.port}/livez"
    with requests.Session() as session:
        assert session.get(url, timeout=10).status_code == 200
        assert proxy.tell("stall")["connections"] == 1
        try:
            session.get(url, timeout=0.2)
            raise AssertionError("a stalled link answered")
        except requests.Timeout:
            pass
        assert proxy.tell("cut")["cut"] >= 1
        proxy.tell("pass")
        assert session.get(url, timeout=10).status_code == 200
        assert proxy.stop() == 0
        try:
            requests.get(url, timeout=10)
            raise AssertionError("it has gone")
        except requests.ConnectionError:
            pass


def test_it_says_what_is_wrong_and_stays_out_of_the_help(binary):
    def run(*arguments):
        return subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=20, check=False)
    refused = run("fault-proxy", "--listen", "nowhere")
    assert refused.returncode == 2 and "HOST:PORT" in refused.stderr
    taken = run("fault-proxy", "--listen", "nowhere:1", "--to", "127.0.0.1:1", "--control", "127.0.0.1:0")
    assert taken.returncode == 2 and "nowhere" in taken.stderr
    assert "cut-after up|down BYTES" in run("fault-proxy", "--help").stdout
    assert "fault-proxy" not in run("--help").stdout
