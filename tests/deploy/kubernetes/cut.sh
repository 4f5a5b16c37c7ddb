#!/usr/bin/env bash
# cut.sh cut|mend POD SERVICE: on the cluster of these tests, which enforces no NetworkPolicy, for k8s-chaos-test.sh --cut. Between the pod and whatever stands
# behind the Service each packet is dropped, in both directions, by iptables in the pod's own network. K8S_LAB names the cluster, EDDA_NAMESPACE the namespace.
set -euo pipefail
[ $# -eq 3 ] || { sed -n 2,3p "$0" >&2; exit 2; }
verb=$1 pod=$2 service=$3
k() { "$K8S_LAB/k" --namespace "$EDDA_NAMESPACE" "$@"; }

machine=$(k get pod "$pod" --output 'jsonpath={.spec.nodeName}')
container=$(k get pod "$pod" --output 'jsonpath={.status.containerStatuses[0].containerID}')
process=$("$K8S_LAB/in-node" "$machine" ctr --namespace k8s.io tasks list | awk -v id="${container#containerd://}" '$1 == id { print $2 }')
[ -n "$process" ] || { echo "cut.sh: $pod has no process on $machine" >&2; exit 1; }
in_pod() { "$K8S_LAB/in-node" "$machine" nsenter --target "$process" --net iptables --wait "$@"; }

case $verb in
  cut)
    addresses=$(k get endpointslices --selector "kubernetes.io/service-name=$service" --output 'jsonpath={.items[*].endpoints[*].addresses[*]}')
    addresses+=" $(k get service "$service" --output 'jsonpath={.spec.clusterIPs[?(@!="None")]}')"
    [ -n "${addresses// /}" ] || { echo "cut.sh: nothing stands behind $service" >&2; exit 1; }
    in_pod --new-chain CUT
    for address in $addresses; do
      in_pod --append CUT --source "$address" --jump DROP
      in_pod --append CUT --destination "$address" --jump DROP
    done
    in_pod --insert INPUT --jump CUT
    in_pod --insert OUTPUT --jump CUT
    ;;
  mend)
    in_pod --list CUT >/dev/null 2>&1 || exit 0
    # A cut that broke off made no more than some of it.
    in_pod --delete INPUT --jump CUT || true
    in_pod --delete OUTPUT --jump CUT || true
    in_pod --flush CUT
    in_pod --delete-chain CUT
    ;;
  *)
    echo "cut.sh: '$verb' is neither cut nor mend" >&2
    exit 2
    ;;
esac
