"""The alerts and dashboards of deploy/observability, and what they ask."""

import json

import yaml

from harness_prometheus import OBSERVABILITY, RULES

DASHBOARDS = sorted((OBSERVABILITY / "dashboards").glob("*.json"))


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels():
    """(dashboard, panel) of all that ask something."""
    return [(json.loads(path.read_text())["uid"], panel) for path in DASHBOARDS
            for panel in json.loads(path.read_text())["panels"] if panel["type"] != "row"]


def panel_queries(interval):
    """(where, expression) of all panels and annotations, with what Grafana would fill in."""
    found = [(f"{board}: {panel['title']}", target["expr"]) for board, panel in panels() for target in panel["targets"]]
    found += [(f"{path.stem}: {one['name']}", one["expr"]) for path in DASHBOARDS for one in json.loads(path.read_text())["annotations"]["list"]]
    return [(where, expression.replace("$__rate_interval", interval)) for where, expression in found]


def queries():
    """(where, expression) of all rules, panels and annotations."""
    return [(rule["alert"], rule["expr"]) for rule in rules()] + panel_queries("1m")
