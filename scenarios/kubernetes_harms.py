"""What k8s-chaos-test does to a cluster under load, one function a harm. What each adds to the checks that follow every harm, it checks itself."""

import os
import shlex
import subprocess
import time

from kubernetes_load import SignIns
from scenario import Unreachable

KINDS = {"edda": "app.kubernetes.io/component=node", "postgres": "app.kubernetes.io/name=postgres", "redis": "app.kubernetes.io/name=redis",
         "kafka": "app.kubernetes.io/name=kafka", "paysim": "app.kubernetes.io/name=paysim"}
FELT_WITHIN_S = 60
STANDS_STILL_S = 5
SCALED_TO = (5, 2)
MORE_WITHIN_S, LESS_WITHIN_S = 180, 240
LOOK_EVERY_S = 0.5


def first_within(seconds, look):
    """(the last thing that `look` saw, after how many seconds): something true, or what it was when the time was up."""
    began = time.monotonic()
    while True:
        seen, after = look(), time.monotonic() - began
        if seen or after > seconds:
            return seen, after
        time.sleep(LOOK_EVERY_S)


def kill(kind):
    def delete(cluster, _scenario):
        pod = sorted(cluster.pods(KINDS[kind]))[0]
        # SIGKILL after a second, and gone only when the machine says so. By force Kubernetes would not wait for that: then two servers of one
        # StatefulSet may run on one volume, which no database survives.
        cluster.k("delete", "pod", pod, "--grace-period=1")
    return delete


def restart(cluster, _scenario):
    cluster.k("rollout", "restart", "deployment/edda")


def undo(cluster, _scenario):
    cluster.k("rollout", "undo", "deployment/edda")


def drain(cluster, scenario):
    machine = scenario.options.machine or cluster.get("pods", "--selector", KINDS["edda"])["items"][0]["spec"]["nodeName"]
    try:
        cluster.k("drain", machine, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=180s")
    finally:
        cluster.k("uncordon", machine)


def cut(kind, what, works, felt):
    """One node from one server: once it is seen to need it, until it has felt that it is gone."""
    def cut_and_mend(cluster, scenario):
        pod, service, before = sorted(cluster.pods())[0], cluster.service(KINDS[kind]), cluster.restarts()
        worked, _ = first_within(FELT_WITHIN_S, works(cluster, pod))
        try:
            tell(scenario.options, "cut", pod, service)
            seen, after = first_within(FELT_WITHIN_S, felt(cluster, pod))
        finally:
            tell(scenario.options, "mend", pod, service)
        scenario.check(f"cut-{kind}: {what}", worked and seen, f"{pod}, {after:.0f} s" if worked else f"{pod} did nothing with it before the cut")
        first_within(FELT_WITHIN_S, lambda: pod in cluster.pods())
        now = cluster.restarts()
        scenario.check(f"cut-{kind}: no pod was restarted for it", all(now.get(name) == count for name, count in before.items()))
    return cut_and_mend


def tell(options, verb, pod, service):
    """Has the operator's command cut or mend."""
    words = [*shlex.split(options.cut), verb, pod, service]
    try:
        subprocess.run(words, env={**os.environ, "EDDA_NAMESPACE": options.namespace, "KUBECTL": options.kubectl}, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise Unreachable(f"{' '.join(words)}: {error} {getattr(error, 'stdout', None) or ''}") from error


def with_shards(cluster, pod):
    return lambda: cluster.nodes()[0].get(pod)


def without_shards(cluster, pod):
    def look():
        owned, shards = cluster.nodes()
        return pod not in cluster.pods() and not owned.get(pod) and sum(owned.values()) == shards > 0
    return look


class Feed:
    """Of the shards of one node: how far they are published, and since when no further."""

    def __init__(self, cluster, pod):
        self.cluster, self.pod = cluster, pod
        self.published, self.since = self.look(), time.monotonic()

    def look(self):
        return {one["shard"]: one["published_position"] for one in (self.cluster.told() or {"shards": []})["shards"] if one["owner"] == self.pod}

    def moved(self):
        published = self.look()
        if published == self.published:
            return False
        self.published, self.since = published, time.monotonic()
        return True

    def stands_still(self):
        return not self.moved() and time.monotonic() - self.since > STANDS_STILL_S


def publishing(cluster, pod):
    return Feed(cluster, pod).moved


def silent_in_the_feed(cluster, pod):
    return Feed(cluster, pod).stands_still


def scale(cluster, scenario):
    """By hand. An autoscaler is told the number, too: it would go back to its own."""
    before = cluster.replicas()
    for wanted in (*SCALED_TO, before):
        began = time.monotonic()
        with cluster.autoscaler_set(minReplicas=wanted, maxReplicas=wanted):
            cluster.k("scale", "deployment/edda", f"--replicas={wanted}")
            cluster.settled()
            owned, shards = cluster.owned_by_all()
        scenario.check(f"scale: {wanted} nodes own all {shards} shards", len(owned) == wanted and sum(owned.values()) == shards > 0,
                       f"{time.monotonic() - began:.0f} s: {owned}")


def autoscale(cluster, scenario):
    """Up while people sign in, down when they went. For the run it adds two nodes at most, and does not wait for minutes before it takes them away."""
    spec, before, seen = cluster.autoscaler()["spec"], cluster.replicas(), {"cpu": 0}
    target = cpu_target(spec)
    quickly = {"scaleDown": {"stabilizationWindowSeconds": 15, "selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}}

    def asks_for_more():
        status = cluster.autoscaler()["status"]
        seen["cpu"] = max(seen["cpu"], cpu_seen(status))
        return status.get("desiredReplicas", 0) > before

    with cluster.autoscaler_set(maxReplicas=min(spec["maxReplicas"], before + 2), behavior=(spec.get("behavior") or {}) | quickly):
        with SignIns(scenario.options.url, before) as people:
            more, after = first_within(MORE_WITHIN_S, asks_for_more)
            scenario.check("autoscale: above its target it asks for more nodes", more and seen["cpu"] > target,
                           f"{seen['cpu']} % of the requested CPU, target {target} %, after {after:.0f} s; {people.hashed} tries to sign in, "
                           f"{people.put_off} put off")
            cluster.settled()
            owned, shards = cluster.owned_by_all()
        scenario.check("autoscale: they come and take shards", len(owned) > before and all(owned.values()) and sum(owned.values()) == shards > 0, owned)
        less, after = first_within(LESS_WITHIN_S, lambda: cluster.replicas() <= before)
        scenario.check(f"autoscale: without that load it goes back to {before}", less, f"{after:.0f} s")


def cpu_target(spec):
    """Percent of what is requested; None where it does not look at that."""
    return next((one["resource"]["target"].get("averageUtilization") for one in spec.get("metrics", [])
                 if one["type"] == "Resource" and one["resource"]["name"] == "cpu"), None)


def cpu_seen(status):
    return next((one["resource"]["current"].get("averageUtilization") or 0 for one in status.get("currentMetrics") or []
                 if one["type"] == "Resource" and one["resource"]["name"] == "cpu"), 0)


HARMS = {
    **{f"kill-{kind}": kill(kind) for kind in KINDS},
    "restart": restart,
    "undo": undo,
    "drain": drain,
    "cut-postgres": cut("postgres", "the node that is cut off is not ready, and the others have its shards", with_shards, without_shards),
    "cut-kafka": cut("kafka", "of the node that is cut off nothing is published", publishing, silent_in_the_feed),
    "scale": scale,
    "autoscale": autoscale,
}


def why_not(harm, cluster, options):
    """Why it cannot be done here; "" if it can."""
    verb, _, kind = harm.partition("-")
    if verb in ("kill", "cut") and not cluster.pods(KINDS[kind]):
        return "there is none here"
    if verb == "cut" and not options.cut:
        return "--cut names no command that cuts a pod off"
    if harm == "autoscale":
        return why_no_autoscaling(cluster.autoscaler().get("spec"), cluster)
    return ""


def why_no_autoscaling(spec, cluster):
    if not spec:
        return "there is no HorizontalPodAutoscaler"
    if cpu_target(spec) is None:
        return "the HorizontalPodAutoscaler does not look at the requested CPU"
    return "" if spec["maxReplicas"] > cluster.replicas() else "the HorizontalPodAutoscaler has no more nodes to give"
