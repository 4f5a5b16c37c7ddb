"""What the nodes stand on in these tests: as ./run cluster has it unless CLUSTER_BACKING says otherwise."""

import os

BACKING = os.environ.get("CLUSTER_BACKING", "postgres,redis,kafka").split(",")
