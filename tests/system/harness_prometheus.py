"""A Prometheus that scrapes servers of the tests, with the rules of deploy/observability."""

import json
import pathlib
import re
import shutil
import subprocess

import requests

from harness_server import eventually, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
OBSERVABILITY = ROOT / "deploy/observability"
RULES = OBSERVABILITY / "rules/edda.yml"


def program(name):
    """Debian's package, which tools/packages lists."""
    found = shutil.which(name)
    assert found, f"there is no {name}: apt-get install prometheus prometheus-alertmanager"
    return found


def run_tool(*command):
    """The standard output of a tool that must succeed."""
    done = subprocess.run([program(command[0]), *map(str, command[1:])], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Watcher:
    """A server of Prometheus' family, with a folder for its log, on a free port of the loopback."""

    def __init__(self, folder):
        self.folder, self.address = folder, f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"

    def __enter__(self):
        command = self.command()
        self.log = self.folder / f"{command[0]}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([program(command[0]), *command[1:]], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self.is_ready, f"{command[0]} is ready", 30)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def is_ready(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return requests.get(self.url + "/-/ready", timeout=2).status_code == 200
        except requests.RequestException:
            return False


class Prometheus(Watcher):
    """`prometheus`; rules are evaluated every second."""

    def __init__(self, folder, targets, alertmanager=None, hurry=False):
        """`targets`, `alertmanager`: as host:port. `hurry`: the rules as `hurried` makes them."""
        super().__init__(folder)
        managers = [{"static_configs": [{"targets": [alertmanager]}]}] if alertmanager else []
        rules = RULES
        if hurry:
            rules = folder / "hurried.yml"
            rules.write_text(hurried(RULES.read_text()))
        # JSON is YAML too.
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules)],
            "alerting": {"alertmanagers": managers},
            "scrape_configs": [{"job_name": "edda", "static_configs": [{"targets": list(targets)}]}]}))

    def command(self):
        return ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/tsdb",
                f"--web.listen-address={self.address}", "--enable-feature=exemplar-storage"]

    def get(self, path, **parameters):
        answer = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=10).json()
        assert answer["status"] == "success", f"{parameters}: {answer.get('error')}"
        return answer["data"]

    def query(self, expression):
        """The samples of an instant query."""
        result = self.get("query", query=expression)["result"]
        return [sample["value"][1] for sample in result]

    def alerts(self, state):
        return {alert["labels"]["alertname"] for alert in self.get("alerts")["alerts"] if alert["state"] == state}


def hurried(rules):
    """The text of the rules with seconds where they have minutes, so that a test need not wait for hours."""
    text = re.sub(r"for: \d+[smh]\b", "for: 1s", rules)
    text = re.sub(r"\[\d+[mh]\]", "[10s]", text)
    return re.sub(r"(edda_\w+_seconds\)) > \d+", r"\1 > 3", text)


class Alertmanager(Watcher):
    """`alertmanager` with the configuration of deploy/observability, alone."""

    def command(self):
        return ["prometheus-alertmanager", f"--config.file={OBSERVABILITY}/alertmanager.yml", f"--storage.path={self.folder}/alertmanager",
                f"--web.listen-address={self.address}", "--cluster.listen-address="]

    def alerts(self, **filters):
        """{name: receivers} of what it has, by default of what it would tell people."""
        wanted = {"active": "true", "inhibited": "false", "silenced": "false"} | filters
        found = requests.get(self.url + "/api/v2/alerts", params=wanted, timeout=10).json()
        told = {alert["labels"]["alertname"]: [one["name"] for one in alert["receivers"]] for alert in found}
        told.pop("EddaDiskFilling", None)  # the disk of whoever runs the tests
        return told
