"""overlays/predecessor: what users of the replaced system type."""

import subprocess

from lab import LAB

OVERLAY = "predecessor"


def test_their_port_forward_goes_on_working(deployed):
    assert deployed.namespace == "nestjs-cqrs-saga"
    words = [LAB / "k", "port-forward", "service/nestjs-loadbalancer", "3000:3000", "-n", "nestjs-cqrs-saga"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as forward:
        try:
            assert "Forwarding from 127.0.0.1:3000" in forward.stdout.readline()
            probe = "import http.client; c = http.client.HTTPConnection('127.0.0.1', 3000); c.request('GET', '/health'); print(c.getresponse().status)"
            control_plane = (LAB / "run/cp.pid").read_text().strip()
            done = subprocess.run(["nsenter", "-t", control_plane, "-n", "python3", "-c", probe], capture_output=True, text=True, timeout=30, check=False)
            assert done.stdout == "200\n", done.stderr
        finally:
            forward.terminate()


def test_their_services_lead_to_ours(deployed):
    for service in ("nestjs-service", "nestjs-loadbalancer", "postgres-service", "redis-service", "kafka-service"):
        slices = deployed.get("endpointslices", "--selector", f"kubernetes.io/service-name={service}")["items"]
        assert any(one.get("endpoints") for one in slices), service
    assert len(deployed.pods("app=nestjs")) == 3
