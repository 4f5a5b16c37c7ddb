"""A project of Compose in the tests' engine."""

import os
import shlex

import images
from engine import ROOT

UP_DEADLINE_S = 300


class Project:
    def __init__(self, engine, *files, env_file=None, profiles=()):
        self.engine = engine
        self.command = [*shlex.split(os.environ.get("EDDA_COMPOSE", "docker compose")), "--project-directory", ROOT]
        self.command += [part for file in files for part in ("--file", ROOT / file)]
        self.command += ["--env-file", ROOT / env_file] if env_file else []
        self.command += [part for profile in profiles for part in ("--profile", profile)]
        self.environment = engine.environment | {"EDDA_IMAGE": images.EDDA}

    def run(self, *arguments, **how):
        # In the engine's network too: what Compose calls may ask for published ports.
        return self.engine.network(*self.command, *arguments, environment=self.environment, cwd=ROOT, deadline_s=UP_DEADLINE_S, **how).stdout

    def up(self, *services):
        self.run("up", "--detach", "--wait", "--no-build", *services)

    def down(self):
        self.run("down", "--volumes", "--timeout", "20", "--remove-orphans")

    def execute(self, service, *command, **how):
        return self.run("exec", "--no-TTY", service, *command, **how)

    def container(self, service):
        return self.run("ps", "--all", "--quiet", service).strip()

    def health(self, service):
        return self.engine.inspect(self.container(service))["State"]["Health"]["Status"]

    def scenarios(self, url, nodes=(), password=""):
        """All scenarios, as somebody on the host would run them; ends with an error unless all pass."""
        how = ["--nodes", ",".join(nodes)] if nodes else []
        return self.engine.network(ROOT / "scenarios/run-all-tests.sh", "--url", url, *how, environment={"ADMIN_PASSWORD": password}, deadline_s=300).stdout
