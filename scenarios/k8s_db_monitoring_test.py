"""PostgreSQL under 50 orders at once, as PostgreSQL itself tells: connections, waits, commits, deadlocks, sizes; while it runs and after."""

import json

from kubernetes import Cluster, add_kubernetes_arguments
from scenario import Scenario, Unreachable, at_once, main

SEEN = """select json_build_object(
  'connections', (select count(*) from pg_stat_activity where datname = current_database()),
  'connections_max', current_setting('max_connections')::int,
  'waiting_for_locks', (select count(*) from pg_locks where not granted),
  'longest_transaction_s', (select coalesce(max(extract(epoch from now() - xact_start)), 0)::float from pg_stat_activity
                            where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null),
  'commits', xact_commit, 'rollbacks', xact_rollback, 'deadlocks', deadlocks, 'bytes', pg_database_size(current_database()))
from pg_stat_database where datname = current_database()"""


def arguments(parser):
    add_kubernetes_arguments(parser)
    parser.add_argument("--postgres", default="edda-postgres-0", metavar="POD", help="PostgreSQL's pod (default %(default)s)")
    parser.add_argument("--orders", type=int, default=50, help="at once (default 50)")


def run():
    scenario = Scenario("k8s-db-monitoring-test", __doc__, arguments)
    options = scenario.options
    cluster = Cluster(options)

    def look():
        done = cluster.k("exec", options.postgres, "--", "psql", "-U", "edda", "-d", "edda", "-XAtc", SEEN, check=False)
        if done.returncode != 0:
            raise Unreachable(f"psql in {options.postgres}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    customer = scenario.customer()
    before = look()
    answers = at_once([lambda number=number: scenario.order(customer, scenario.fresh(f"DB_TEST_{number}")) for number in range(options.orders)])
    during = look()
    ids = [answer.json()["id"] for answer in answers if answer.status == 201]
    scenario.check(f"all {options.orders} are accepted", len(ids) == options.orders)
    ended = scenario.wait_until_ended(customer, ids)
    scenario.check("all end", None not in ended.values())
    after = look()

    for name, seen in (("before", before), ("during", during), ("after", after)):
        scenario.fact(name, seen)
    scenario.check("connections stay below the limit", max(one["connections"] for one in (before, during, after)) < before["connections_max"])
    scenario.check("no deadlock", after["deadlocks"] == before["deadlocks"], after["deadlocks"] - before["deadlocks"])
    scenario.check("no transaction is left open", after["longest_transaction_s"] < 5, after["longest_transaction_s"])
    scenario.check("edda verify finds nothing", *cluster.verify())
    scenario.finish()


if __name__ == "__main__":
    main(run)
